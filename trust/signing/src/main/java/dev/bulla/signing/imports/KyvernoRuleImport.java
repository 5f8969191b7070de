package dev.bulla.signing.imports;

import dev.bulla.core.BullaException;
import dev.bulla.core.json.Json;
import dev.bulla.signing.authority.ImagePattern;
import dev.bulla.signing.cosign.PredicateNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The {@code verifyImages} rules of Kyverno's {@code ClusterPolicy} and {@code Policy}. Each set of
 * attestors must be satisfied by so many of its entries; every rule that matches must be pleased.
 */
final class KyvernoRuleImport {
  private static final List<String> ELSEWHERE =
      List.of("preconditions", "exclude", "context", "celPreconditions");

  private final Draft draft;

  KyvernoRuleImport(Draft draft) {
    this.draft = draft;
  }

  void add(JsonNode policy, String path) {
    JsonNode spec = policy.path("spec");
    String name = policy.path("metadata").path("name").asString("policy");
    int number = 0;
    for (JsonNode rule : spec.path("rules")) {
      String at = path + " /spec/rules/" + number++;
      if (!rule.has("verifyImages")) {
        draft.weaker(at, "the rule verifies no images and is not read");
        continue;
      }
      for (String field : ELSEWHERE) {
        if (rule.has(field)) {
          draft.stricter(at + "/" + field, "the demands hold for every use of the images");
        }
      }
      if (selects(rule.path("match"))) {
        draft.stricter(
            at + "/match", "the demands hold for every use of the images, in every namespace");
      }
      int entry = 0;
      for (JsonNode one : rule.path("verifyImages")) {
        verification(
            name + "-" + rule.path("name").asString("rule"),
            one,
            action(spec, one),
            at + "/verifyImages/" + entry++);
      }
    }
  }

  private static boolean selects(JsonNode match) {
    String text = match.toString();
    return List.of("namespaces", "elector", "subjects", "roles", "names", "operations").stream()
        .anyMatch(text::contains);
  }

  private static String action(JsonNode spec, JsonNode one) {
    String written =
        one.path("failureAction").asString(spec.path("validationFailureAction").asString("Audit"));
    return written.equalsIgnoreCase("enforce") ? "enforce" : "audit";
  }

  private void verification(String name, JsonNode one, String action, String path) {
    List<ImagePattern> images = new ArrayList<>();
    List<JsonNode> written = new ArrayList<>();
    one.path("imageReferences").forEach(written::add);
    if (one.path("image").isString()) {
      written.add(one.path("image"));
    }
    for (JsonNode image : written) {
      images.addAll(new ForeignGlob(draft, path).kyverno(image.asString("")));
    }
    notes(one, path);
    if (images.isEmpty()) {
      draft.weaker(path, "no image pattern is left; the rule is left out");
      return;
    }
    boolean notary = one.path("type").asString("Cosign").equals("Notary");
    KyvernoAttestors attestors = new KyvernoAttestors(draft, name, notary, !notary);
    Map<String, String> pairs = KyvernoAttestors.pairs(one.path("annotations"));
    List<ObjectNode> signatures =
        attestors.demands(one.path("attestors"), pairs, path + "/attestors");
    if (one.path("key").isString()) {
      signatures.addAll(attestors.demands(oldKey(one), pairs, path + "/key"));
    }
    List<ObjectNode> attestations = new ArrayList<>();
    int number = 0;
    for (JsonNode attestation : one.path("attestations")) {
      attestations.addAll(
          attestation(attestation, one, attestors, path + "/attestations/" + number++));
    }
    draft.add(new ScopeDraft(name, images, action, signatures, attestations, false, path));
    skipped(name, one, images, path);
  }

  /** Exceptions become a scope of their own, if they lie within the rule's images. */
  private void skipped(String name, JsonNode one, List<ImagePattern> images, String path) {
    List<ImagePattern> skipped = new ArrayList<>();
    for (JsonNode written : one.path("skipImageReferences")) {
      for (ImagePattern pattern : new ForeignGlob(draft, path).kyverno(written.asString(""))) {
        if (images.stream().anyMatch(image -> image.covers(pattern) && !image.equals(pattern))) {
          skipped.add(pattern);
        } else {
          draft.stricter(
              path + "/skipImageReferences",
              "'%s' reaches beyond the rule's images, and what it skips must meet the demands"
                  .formatted(pattern));
        }
      }
    }
    if (!skipped.isEmpty()) {
      draft.add(
          new ScopeDraft(name + "-skipped", skipped, "audit", List.of(), List.of(), false, path));
    }
  }

  private static JsonNode oldKey(JsonNode one) {
    ObjectNode entry = Json.object();
    entry.putObject("keys").put("publicKeys", one.path("key").asString(""));
    ObjectNode set = Json.object();
    set.putArray("entries").add(entry);
    return Json.array().add(set);
  }

  private void notes(JsonNode one, String path) {
    if (one.has("repository")) {
      draft.stricter(path + "/repository", KyvernoAttestors.ELSEWHERE);
    }
    boolean mutates = one.path("mutateDigest").asBoolean(true);
    if (!mutates && one.path("verifyDigest").asBoolean(true)) {
      draft.weaker(path + "/verifyDigest", "an image may be named by a tag");
    }
    if (!one.path("required").asBoolean(true)) {
      draft.stricter(path + "/required", "verification is always required here");
    }
  }

  private List<ObjectNode> attestation(
      JsonNode one, JsonNode rule, KyvernoAttestors attestors, String path) {
    String written = one.path("type").asString(one.path("predicateType").asString(""));
    if (one.path("conditions").size() > 0) {
      draft.weaker(
          path + "/conditions", "what the attestation must say; write it as a policy (--policy)");
    }
    Optional<String> known =
        attestors.notary() ? ArtifactTypes.read(written, draft, path) : type(written, path);
    if (known.isEmpty()) {
      return List.of();
    }
    String type = known.get();
    JsonNode sets =
        one.path("attestors").isEmpty() ? rule.path("attestors") : one.path("attestors");
    KyvernoAttestors sealers =
        new KyvernoAttestors(draft, attestors.name(), attestors.notary(), false);
    List<ObjectNode> all = new ArrayList<>();
    for (ObjectNode demand : sealers.demands(sets, Map.of(), path + "/attestors")) {
      ObjectNode typed = Json.object().put("type", type);
      typed.setAll(demand);
      all.add(typed);
    }
    if (all.isEmpty()) {
      draft.weaker(path, "nobody is left who could attest " + type);
    }
    return all;
  }

  private Optional<String> type(String written, String path) {
    try {
      return Optional.of(PredicateNames.toUri(written));
    } catch (BullaException e) {
      draft.weaker(path, e.reason());
      return Optional.empty();
    }
  }
}
