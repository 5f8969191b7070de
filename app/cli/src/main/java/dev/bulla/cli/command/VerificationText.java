package dev.bulla.cli.command;

import dev.bulla.core.Shown;
import dev.bulla.core.claim.Check;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.SignedBy;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.json.Json;
import dev.bulla.policy.VerdictJson;
import dev.bulla.policy.VerdictText;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A verification for people and for machines. */
record VerificationText(String reference, Verification verification) {

  String human(boolean verbose) {
    StringBuilder text = new StringBuilder();
    text.append(
        "%s %s@%s%n"
            .formatted(
                verification.accepted() ? "VERIFIED" : "REFUSED",
                reference.replaceFirst("@.*", ""),
                verification.subject().digest()));
    verification
        .failure()
        .ifPresent(failure -> {
          text.append("  why:  %s [%s]%n".formatted(failure.reason(), failure.code().id()));
          if (!failure.nextStep().isEmpty()) {
            text.append("  next: %s%n".formatted(failure.nextStep()));
          }
        });
    if (!verification.note().isEmpty()) {
      text.append("  note: %s%n".formatted(verification.note()));
    }
    verification.decision().ifPresent(taken -> text.append(DecisionText.human(taken)));
    for (SignatureRecord signature : verification.signatures()) {
      text.append(
          "  %s %s %s%s%n"
              .formatted(
                  signature.verified() ? "ok  " : "no  ",
                  signature.format(),
                  signature.evidence().shortHex(),
                  signature.identity().isEmpty() ? "" : " by " + Shown.text(signature.identity())));
      signature.checks().stream()
          .filter(check ->
              verbose
                  || check.outcome() == Check.Outcome.FAILED
                  || check.outcome() == Check.Outcome.LOGGED)
          .forEach(check -> text.append(line(check)));
    }
    verification.verdict().ifPresent(said -> text.append(VerdictText.table(said).indent(2)));
    return text.toString();
  }

  private static String line(Check check) {
    String code = check.code().map(c -> " [" + c.id() + "]").orElse("");
    String expected = check.expected().isEmpty() ? "" : ", expected " + check.expected();
    return "       %-20s %-8s %s%s%s%n"
        .formatted(
            check.name(),
            check.outcome().name().toLowerCase(Locale.ROOT),
            Shown.text(check.found()),
            Shown.text(expected),
            code);
  }

  ObjectNode json() {
    ObjectNode root = Json.object();
    root.put("reference", reference);
    root.put("digest", verification.subject().digest().toString());
    root.put("verified", verification.accepted());
    verification
        .failure()
        .ifPresent(failure -> {
          ObjectNode node = root.putObject("failure");
          node.put("code", failure.code().id());
          node.put("reason", failure.reason());
          node.put("nextStep", failure.nextStep());
        });
    if (!verification.note().isEmpty()) {
      root.put("note", verification.note());
    }
    verification.decision().ifPresent(taken -> root.set("trust", DecisionText.json(taken)));
    verification.verdict().ifPresent(said -> root.set("verdict", VerdictJson.write(said)));
    ArrayNode signatures = root.putArray("signatures");
    verification.signatures().forEach(signature -> write(signatures.addObject(), signature));
    return root;
  }

  private static void write(ObjectNode node, SignatureRecord signature) {
    node.put("evidence", signature.evidence().toString());
    node.put("format", signature.format());
    node.put("verified", signature.verified());
    node.put("authority", signature.authority());
    node.put("identity", signature.identity());
    signature.signedAt().ifPresent(time -> node.put("signedAt", time.toString()));
    node.put("timeSource", word(signature.timeSource()));
    signature.signedBy().ifPresent(by -> write(node, by));
    signature.statement().ifPresent(s -> node.put("predicateType", s.predicateType()));
    if (!signature.annotations().isEmpty()) {
      ObjectNode pairs = node.putObject("annotations");
      signature.annotations().forEach(pairs::put);
    }
    ArrayNode checks = node.putArray("checks");
    for (Check check : signature.checks()) {
      ObjectNode one = checks.addObject();
      one.put("name", check.name());
      one.put("outcome", word(check.outcome()));
      check.code().ifPresent(code -> one.put("code", code.id()));
      one.put("expected", check.expected());
      one.put("found", check.found());
    }
  }

  private static void write(ObjectNode node, SignedBy by) {
    node.put("algorithm", by.algorithmId());
    node.put("key", by.key());
    node.put("keyBits", by.keyBits());
    by.certificate()
        .ifPresent(certificate -> {
          ObjectNode one = node.putObject("certificate");
          one.put("subject", certificate.subject());
          one.put("issuer", certificate.issuer());
          one.put("serial", certificate.serial());
          one.put("notBefore", certificate.notBefore().toString());
          one.put("notAfter", certificate.notAfter().toString());
          one.put("sha256", certificate.sha256());
        });
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
