package dev.bulla.signing.imports;

import dev.bulla.core.BullaException;
import dev.bulla.core.json.Json;
import dev.bulla.signing.authority.ImagePattern;
import dev.bulla.signing.cosign.PredicateNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The {@code ClusterImagePolicy} of Sigstore's policy-controller ({@code policy.sigstore.dev},
 * v1alpha1 and v1beta1). Any authority of a policy suffices; an authority with attestations is
 * pleased by these and asks for no signature. Every policy that matches must be pleased.
 */
final class ClusterImagePolicyImport {
  private final Draft draft;

  ClusterImagePolicyImport(Draft draft) {
    this.draft = draft;
  }

  void add(JsonNode policy, String path) {
    String name = policy.path("metadata").path("name").asString("policy");
    JsonNode spec = policy.path("spec");
    List<ImagePattern> images = new ArrayList<>();
    for (JsonNode image : spec.path("images")) {
      images.addAll(
          new ForeignGlob(draft, path + " /spec/images")
              .policyController(image.path("glob").asString("")));
    }
    if (spec.has("policy")) {
      draft.weaker(
          path + " /spec/policy", "CUE and Rego are not read; write it as a policy (--policy)");
    }
    if (spec.has("match")) {
      draft.stricter(path + " /spec/match", "the demands hold for every use of the images");
    }
    if (images.isEmpty()) {
      draft.weaker(path + " /spec/images", "no pattern is left; the policy is left out");
      return;
    }
    draft.add(scope(name, images, spec, path));
  }

  private ScopeDraft scope(String name, List<ImagePattern> images, JsonNode spec, String path) {
    String action = spec.path("mode").asString("enforce").equals("warn") ? "audit" : "enforce";
    List<ObjectNode> signatures = new ArrayList<>();
    List<ObjectNode> attestations = new ArrayList<>();
    List<String> signers = new ArrayList<>();
    boolean stamped = false;
    int number = 0;
    for (JsonNode authority : spec.path("authorities")) {
      String at = path + " /spec/authorities/" + number;
      if (authority.has("static")) {
        boolean pass = authority.path("static").path("action").asString("").equals("pass");
        if (pass || spec.path("authorities").size() == 1) {
          return new ScopeDraft(
              name, images, pass ? "audit" : "refuse", List.of(), List.of(), false, path);
        }
        number++;
        continue; // one that always fails is no alternative
      }
      String own = name + "-" + authority.path("name").asString("authority-" + number);
      List<String> kept = keep(authority, own, at);
      if (authority.path("attestations").isEmpty()) {
        signers.addAll(kept);
      } else {
        attestations(authority, kept, at, attestations);
      }
      stamped |= stamped(authority, at);
      number++;
    }
    if (!signers.isEmpty()) {
      signatures.add(ScopeDraft.demand(signers, 1));
    } else {
      attestations = oneType(attestations);
    }
    if (attestations.size() + signatures.size() > 1 && number > 1) {
      draft.stricter(
          path + " /spec/authorities",
          "one authority was enough, by its signature or all its attestations; here all of these"
              + " demands must be met");
    }
    return new ScopeDraft(name, images, action, signatures, attestations, stamped, path);
  }

  /** Authorities that attest one and the same type are alternatives. */
  private static List<ObjectNode> oneType(List<ObjectNode> attestations) {
    boolean same =
        attestations.stream().map(one -> one.path("type").asString("")).distinct().count() == 1;
    if (!same || attestations.size() < 2) {
      return attestations;
    }
    TreeSet<String> authorities = new TreeSet<>();
    attestations.forEach(
        one -> one.path("authorities").forEach(name -> authorities.add(name.asString(""))));
    ObjectNode demand =
        Json.object().put("type", attestations.getFirst().path("type").asString(""));
    demand.setAll(ScopeDraft.demand(List.copyOf(authorities), 1));
    return List.of(demand);
  }

  private void attestations(
      JsonNode authority, List<String> kept, String path, List<ObjectNode> attestations) {
    TreeSet<String> types = new TreeSet<>();
    for (JsonNode one : authority.path("attestations")) {
      if (one.has("policy")) {
        draft.weaker(
            path + "/attestations",
            "the policy over the attestation '%s' is not read; write it as a policy (--policy)"
                .formatted(one.path("name").asString("")));
      }
      type(one.path("predicateType").asString(""), path).ifPresent(types::add);
    }
    for (String type : types) {
      if (kept.isEmpty()) {
        draft.weaker(path, "nobody is left who could attest " + type);
        continue;
      }
      ObjectNode demand = Json.object().put("type", type);
      demand.setAll(ScopeDraft.demand(kept, 1));
      attestations.add(demand);
    }
  }

  private Optional<String> type(String written, String path) {
    try {
      return Optional.of(PredicateNames.toUri(written));
    } catch (BullaException e) {
      draft.weaker(path + "/attestations", e.reason());
      return Optional.empty();
    }
  }

  /** The names of what the authority became: one for a key, one for each identity. */
  private List<String> keep(JsonNode authority, String name, String path) {
    for (JsonNode source : authority.path("source")) {
      if (source.has("oci") || source.has("tagPrefix")) {
        draft.stricter(
            path + "/source",
            KyvernoAttestors.ELSEWHERE + ", under cosign's tags without a prefix");
      }
    }
    JsonNode key = authority.path("key");
    if (!key.isMissingNode()) {
      return key(authority, key, name, path).stream().toList();
    }
    JsonNode keyless = authority.path("keyless");
    if (keyless.has("ca-cert") || keyless.has("trustRootRef")) {
      rootIsNeeded(path + "/keyless", "a certificate authority of its own");
    }
    List<String> all = new ArrayList<>();
    for (JsonNode identity : keyless.path("identities")) {
      ObjectNode one = new ForeignIdentity(draft).authority(identity, false, path);
      draft.authority(name, one, path).ifPresent(all::add);
    }
    if (all.isEmpty()) {
      draft.stricter(path, "it has neither a key nor identities that are understood");
    }
    return all;
  }

  private Optional<String> key(JsonNode authority, JsonNode key, String name, String path) {
    String data = key.path("data").asString("");
    if (data.isEmpty()) {
      draft.stricter(
          path + "/key", "the key is not in the document (secretRef, kms); export it and add it");
      return Optional.empty();
    }
    JsonNode log = authority.path("ctlog");
    boolean logged = log.has("url") || log.has("trustRootRef");
    if (logged && draft.trustedRoot().isEmpty()) {
      draft.weaker(
          path + "/ctlog", "a log entry is demanded; name the log's trusted root (--trusted-root)");
    }
    Optional<String> hash =
        Optional.of(key.path("hashAlgorithm").asString("")).filter(one -> !one.isEmpty());
    ObjectNode one = Draft.inlineKey(data, hash, logged ? draft.trustedRoot() : Optional.empty());
    return draft.authority(name, one, path);
  }

  private boolean stamped(JsonNode authority, String path) {
    if (!authority.has("rfc3161timestamp")) {
      return false;
    }
    rootIsNeeded(path + "/rfc3161timestamp", "a timestamp authority of its own");
    return true;
  }

  private void rootIsNeeded(String path, String what) {
    if (draft.trustedRoot().isEmpty()) {
      draft.stricter(path, what + " is named elsewhere; name its trusted root (--trusted-root)");
    }
  }
}
