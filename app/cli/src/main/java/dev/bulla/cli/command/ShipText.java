package dev.bulla.cli.command;

import dev.bulla.core.Digest;
import dev.bulla.core.Reference;
import dev.bulla.core.json.Json;
import dev.bulla.core.verdict.Verdict;
import dev.bulla.pipeline.HomeIdentity;
import dev.bulla.pipeline.ShipResult;
import dev.bulla.pipeline.ShipResult.SealedDocument;
import dev.bulla.policy.VerdictJson;
import dev.bulla.policy.VerdictText;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The end of a run for people and for machines. */
final class ShipText {
  private final ShipResult result;
  private final HomeIdentity identity;
  private final Path home;

  ShipText(ShipResult result, HomeIdentity identity, Path home) {
    this.result = result;
    this.identity = identity;
    this.home = home;
  }

  String human() {
    StringBuilder text = new StringBuilder("\n");
    result.references().forEach(reference -> text.append("  ").append(reference).append('\n'));
    result
        .image()
        .ifPresent(image ->
            text.append("  ")
                .append(image)
                .append(result.reproduced() ? "  (the same image as before: reproduced)" : "")
                .append('\n'));
    text.append("  scanned with: ").append(result.advisories()).append('\n');
    if (!result.evidence().isEmpty()) {
      text.append("\nEvidence\n");
      for (SealedDocument one : result.evidence()) {
        text.append(
            "  %-46s %-16s %s  %s%n"
                .formatted(one.kind(), one.format(), one.digest().shortHex(), one.signer()));
      }
    }
    for (Verdict verdict : result.verdicts()) {
      if (!verdict.allowed() || verdict.equals(result.verdicts().getLast())) {
        text.append('\n').append(VerdictText.table(verdict));
      }
    }
    text.append('\n').append(result.refused() ? refused() : next());
    return text.toString();
  }

  private String refused() {
    String kept =
        result
            .image()
            .map(image ->
                "The image is neither signed nor published; the sealed evidence and the refusal"
                    + " are kept:\n"
                    + "  bulla ask refusals\n  bulla ask evidence %s%n".formatted(image.shortHex()))
            .orElse("Nothing was built; the refusal is kept:\n  bulla ask refusals\n");
    return "REFUSED by policy.\n" + kept;
  }

  private String next() {
    if (result.references().isEmpty()) {
      return "";
    }
    Reference reference = result.references().getFirst();
    Digest digest = result.image().orElseThrow();
    String image = reference.name() + "@" + digest;
    String loopback = reference.isLoopback() ? " --allow-http-registry=true" : "";
    String insecure = reference.isLoopback() ? " --insecure-registry" : "";
    return """
    Next
      bulla verify --trust %5$s/trust.yaml %2$s
      bulla verify --key %1$s %2$s
      bulla ask contents %3$s
      bulla ask exposed-to CVE-2021-44228
      cosign verify --key %1$s --insecure-ignore-tlog=true%4$s %2$s
      NOTATION_CONFIG=%5$s notation verify%6$s %2$s
    """
        .formatted(
            identity.publicKey(), image, reference, loopback, home.resolve("trust"), insecure);
  }

  ObjectNode json() {
    ObjectNode root = Json.object();
    root.put("outcome", result.refused() ? "refused" : "shipped");
    result.references().stream()
        .findFirst()
        .ifPresent(reference -> root.put("reference", reference.toString()));
    Optional<Digest> image = result.image();
    image.ifPresent(digest -> root.put("digest", digest.toString()));
    root.put("reproduced", result.reproduced());
    ArrayNode references = root.putArray("references");
    result.references().forEach(reference -> references.add(reference.toString()));
    root.put("advisories", result.advisories());
    ArrayNode stages = root.putArray("stages");
    for (ShipResult.StageTime one : result.stages()) {
      stages
          .addObject()
          .put("stage", one.stage().label())
          .put("milliseconds", one.took().toMillis())
          .put("result", one.result());
    }
    ArrayNode evidence = root.putArray("evidence");
    for (SealedDocument one : result.evidence()) {
      evidence
          .addObject()
          .put("kind", one.kind())
          .put("format", one.format())
          .put("signer", one.signer())
          .put("digest", one.digest().toString())
          .put("subject", one.subject().toString());
    }
    ArrayNode verdicts = root.putArray("verdicts");
    result.verdicts().forEach(verdict -> verdicts.add(VerdictJson.write(verdict)));
    return root;
  }
}
