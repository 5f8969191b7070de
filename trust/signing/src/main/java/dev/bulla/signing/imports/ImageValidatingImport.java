package dev.bulla.signing.imports;

import dev.bulla.core.BullaException;
import dev.bulla.core.json.Json;
import dev.bulla.signing.authority.ImagePattern;
import dev.bulla.signing.cosign.PredicateNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Kyverno's {@code ImageValidatingPolicy} ({@code policies.kyverno.io}). What is demanded stands in
 * CEL expressions; the two forms that ask how many attestors have signed or attested are read,
 * every other is noted as lost.
 */
final class ImageValidatingImport {
  private static final String TAIL = "\\)\\)\\.all\\(\\w+,\\w+(>|>=)(\\d+)\\)";
  private static final String HEAD = "images\\.\\w+\\.map\\(\\w+,";
  private static final Pattern SIGNED =
      Pattern.compile(HEAD + "verifyImageSignatures\\(\\w+,\\[([^\\]]*)\\]" + TAIL);
  private static final Pattern ATTESTED =
      Pattern.compile(
          HEAD
              + "verifyAttestationSignatures\\(\\w+,\\[?attestations\\.([\\w-]+)\\]?,\\[([^\\]]*)\\]"
              + TAIL);

  private final Draft draft;

  ImageValidatingImport(Draft draft) {
    this.draft = draft;
  }

  /**
   * @param names of the authorities, each of which satisfies it
   * @param pairs that its signatures must carry
   */
  private record Attestor(List<String> names, Map<String, String> pairs) {}

  void add(JsonNode policy, String path) {
    String name = policy.path("metadata").path("name").asString("policy");
    JsonNode spec = policy.path("spec");
    List<ImagePattern> images = images(spec, path + " /spec/matchImageReferences");
    if (spec.has("matchConditions")) {
      draft.stricter(
          path + " /spec/matchConditions", "the demands hold for every use of the images");
    }
    if (images.isEmpty()) {
      draft.weaker(path, "no image pattern is left; the policy is left out");
      return;
    }
    Map<String, Attestor> attestors = new HashMap<>();
    int number = 0;
    for (JsonNode one : spec.path("attestors")) {
      String own = one.path("name").asString("attestor");
      List<String> names = attestor(one, name + "-" + own, path + " /spec/attestors/" + number++);
      JsonNode pairs = one.path("cosign").path("annotations");
      attestors.put(own, new Attestor(names, KyvernoAttestors.pairs(pairs)));
    }
    List<ObjectNode> signatures = new ArrayList<>();
    List<ObjectNode> attestations = new ArrayList<>();
    number = 0;
    for (JsonNode validation : spec.path("validations")) {
      demand(
          validation.path("expression").asString("").replaceAll("\\s+", ""),
          spec,
          attestors,
          path + " /spec/validations/" + number++,
          signatures,
          attestations);
    }
    draft.add(new ScopeDraft(name, images, action(spec), signatures, attestations, false, path));
  }

  private static String action(JsonNode spec) {
    JsonNode actions = spec.path("validationActions");
    boolean denies = actions.isEmpty() || actions.toString().contains("Deny");
    return denies ? "enforce" : "audit";
  }

  private List<ImagePattern> images(JsonNode spec, String path) {
    JsonNode written = spec.path("matchImageReferences");
    if (written.isEmpty()) {
      return new ForeignGlob(draft, path).kyverno("*");
    }
    List<ImagePattern> all = new ArrayList<>();
    for (JsonNode one : written) {
      if (one.path("glob").isString()) {
        all.addAll(new ForeignGlob(draft, path).kyverno(one.path("glob").asString("")));
      } else {
        draft.weaker(path, "images that an expression selects: " + one.path("expression"));
      }
    }
    return all;
  }

  /** The names of what an attestor became; each satisfies it. */
  private List<String> attestor(JsonNode one, String name, String path) {
    JsonNode cosign = one.path("cosign");
    JsonNode notary = one.path("notary");
    List<String> all = new ArrayList<>();
    if (notary.isObject()) {
      text(notary.path("certs"))
          .ifPresentOrElse(
              pem ->
                  draft
                      .authority(name, Draft.inlineRoots(pem, text(notary.path("tsaCerts"))), path)
                      .ifPresent(all::add),
              () -> draft.stricter(path, "certificates that are not in the document"));
      return all;
    }
    Optional<String> root = log(cosign, path);
    JsonNode key = cosign.path("key");
    if (key.isObject()) {
      Optional<String> hash =
          Optional.of(key.path("hashAlgorithm").asString("")).filter(text -> !text.isEmpty());
      text(key.path("data"))
          .ifPresentOrElse(
              pem ->
                  draft.authority(name, Draft.inlineKey(pem, hash, root), path).ifPresent(all::add),
              () -> draft.stricter(path, "a key that is not in the document (kms, expression)"));
    }
    for (JsonNode identity : cosign.path("keyless").path("identities")) {
      draft
          .authority(name, new ForeignIdentity(draft).authority(identity, true, path), path)
          .ifPresent(all::add);
    }
    text(cosign.path("certificate").path("cert"))
        .ifPresent(pem -> {
          draft.weaker(
              path,
              "the certificate's key is believed; neither its chain nor its validity is judged");
          draft
              .authority(name, Draft.inlineKey(pem, Optional.empty(), root), path)
              .ifPresent(all::add);
        });
    if (cosign.has("source")) {
      draft.stricter(path + "/cosign/source", KyvernoAttestors.ELSEWHERE);
    }
    return all;
  }

  /** Kyverno demands a log entry of keys too, unless told not to. */
  private Optional<String> log(JsonNode cosign, String path) {
    boolean ignored = cosign.path("ctlog").path("insecureIgnoreTlog").asBoolean(false);
    boolean keyed = cosign.has("key") || cosign.has("certificate");
    if (ignored && cosign.has("keyless")) {
      draft.stricter(path, "an identity always needs a log entry");
    }
    if (!ignored && keyed && draft.trustedRoot().isEmpty()) {
      draft.weaker(path, "a log entry is demanded; name the log's trusted root (--trusted-root)");
    }
    return ignored ? Optional.empty() : draft.trustedRoot();
  }

  private static Optional<String> text(JsonNode node) {
    JsonNode value = node.isObject() ? node.path("value") : node;
    return Optional.of(value.asString("")).filter(one -> one.contains("-----BEGIN"));
  }

  private void demand(
      String expression,
      JsonNode spec,
      Map<String, Attestor> attestors,
      String path,
      List<ObjectNode> signatures,
      List<ObjectNode> attestations) {
    Matcher signed = SIGNED.matcher(expression);
    Matcher attested = ATTESTED.matcher(expression);
    if (signed.matches()) {
      threshold(attestors, signed.group(1), signed.group(2), signed.group(3), path)
          .map(one -> withPairs(one, attestors, signed.group(1), path))
          .ifPresent(signatures::add);
    } else if (attested.matches()) {
      Optional<String> type = type(spec, attested.group(1), path);
      threshold(attestors, attested.group(2), attested.group(3), attested.group(4), path)
          .filter(ignored -> type.isPresent())
          .ifPresent(one -> {
            ObjectNode typed = Json.object().put("type", type.orElse(""));
            typed.setAll(one);
            attestations.add(typed);
          });
    } else {
      draft.weaker(path, "an expression that cannot be said here; write it as a policy (--policy)");
    }
  }

  private Optional<String> type(JsonNode spec, String name, String path) {
    for (JsonNode one : spec.path("attestations")) {
      String written = one.path("intoto").path("type").asString("");
      String artifact = one.path("referrer").path("type").asString("");
      if (one.path("name").asString("").equals(name) && !artifact.isEmpty()) {
        return ArtifactTypes.read(artifact, draft, path);
      }
      if (one.path("name").asString("").equals(name) && !written.isEmpty()) {
        try {
          return Optional.of(
              PredicateNames.toUri(written.contains(":") ? written : "https://" + written));
        } catch (BullaException e) {
          draft.weaker(path, e.reason());
        }
      }
    }
    draft.weaker(path, "'%s' is no attestation of the policy".formatted(name));
    return Optional.empty();
  }

  private static List<Attestor> named(Map<String, Attestor> attestors, String named) {
    return Stream.of(named.split(","))
        .flatMap(one -> Optional.ofNullable(attestors.get(one.replace("attestors.", ""))).stream())
        .toList();
  }

  /** A demand has one set of pairs, whoever meets it. */
  private ObjectNode withPairs(
      ObjectNode demand, Map<String, Attestor> attestors, String named, String path) {
    List<Map<String, String>> pairs =
        named(attestors, named).stream().map(Attestor::pairs).distinct().toList();
    if (pairs.size() > 1) {
      draft.weaker(
          path, "pairs that must be signed and that differ between the attestors of a choice");
    } else if (pairs.size() == 1 && !pairs.getFirst().isEmpty()) {
      pairs.getFirst().forEach(demand.putObject("annotations")::put);
    }
    return demand;
  }

  private Optional<ObjectNode> threshold(
      Map<String, Attestor> attestors, String named, String operator, String number, String path) {
    Set<String> among = new LinkedHashSet<>();
    named(attestors, named).forEach(one -> among.addAll(one.names));
    long wanted = Long.parseLong(number.substring(0, Math.min(9, number.length())));
    long threshold = operator.equals(">") ? wanted + 1 : wanted;
    if (threshold < 1 || threshold > among.size()) {
      draft.weaker(
          path,
          "%d attestors are demanded, and %d could be carried over: the demand is left out"
              .formatted(threshold, among.size()));
      return Optional.empty();
    }
    return Optional.of(ScopeDraft.demand(List.copyOf(among), (int) threshold));
  }
}
