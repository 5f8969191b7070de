package dev.bulla.signing.imports;

import dev.bulla.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Kyverno's sets of attestors: {@code count} of the entries, all if there is none. A list of
 * several keys in one entry stands for as many entries.
 *
 * @param name for authorities
 * @param notary whether the entries are certificates for Notation's formats
 */
record KyvernoAttestors(Draft draft, String name, boolean notary) {
  private static final Pattern PEM =
      Pattern.compile("-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", Pattern.DOTALL);

  List<ObjectNode> demands(JsonNode sets, String path) {
    List<ObjectNode> all = new ArrayList<>();
    int number = 0;
    for (JsonNode set : sets) {
      demand(set, path + "/" + number++).ifPresent(all::add);
    }
    return all;
  }

  private Optional<ObjectNode> demand(JsonNode set, String path) {
    List<Optional<String>> entries = new ArrayList<>();
    int number = 0;
    for (JsonNode entry : set.path("entries")) {
      entries.addAll(entry(entry, path + "/entries/" + number++));
    }
    int count = set.path("count").asInt(0);
    int threshold = count < 1 ? entries.size() : count;
    List<String> kept = entries.stream().flatMap(Optional::stream).distinct().toList();
    if (kept.size() < threshold || kept.isEmpty()) {
      draft.weaker(
          path,
          "%d of %d attestors are demanded, and only %d could be carried over: the demand is"
                  .formatted(threshold, entries.size(), kept.size())
              + " left out");
      return Optional.empty();
    }
    return Optional.of(ScopeDraft.demand(kept, threshold));
  }

  /** What an entry became; an empty one counts as an entry that nobody can satisfy. */
  private List<Optional<String>> entry(JsonNode entry, String path) {
    if (entry.path("annotations").isObject() && !entry.path("annotations").isEmpty()) {
      draft.weaker(
          path + "/annotations", "pairs that must be signed; demand them with bulla verify -a");
    }
    if (entry.has("repository")) {
      draft.stricter(path + "/repository", "signatures are looked for beside the image only");
    }
    if (entry.has("keys")) {
      return keys(entry.path("keys"), path + "/keys");
    }
    if (entry.has("certificates")) {
      return List.of(certificates(entry.path("certificates"), path + "/certificates"));
    }
    if (entry.has("keyless")) {
      return List.of(keyless(entry.path("keyless"), path + "/keyless"));
    }
    draft.stricter(path, "a nested set of attestors, which cannot be said");
    return List.of(Optional.empty());
  }

  private List<Optional<String>> keys(JsonNode keys, String path) {
    Optional<String> root = logged(keys, path);
    Optional<String> hash =
        Optional.of(keys.path("signatureAlgorithm").asString("")).filter(one -> !one.isEmpty());
    List<Optional<String>> all = new ArrayList<>();
    Matcher matcher = PEM.matcher(keys.path("publicKeys").asString(""));
    while (matcher.find()) {
      all.add(draft.authority(name, Draft.inlineKey(matcher.group(), hash, root), path));
    }
    if (all.isEmpty()) {
      draft.stricter(path, "the key is not in the document (secret, kms, variable)");
      all.add(Optional.empty());
    }
    return all;
  }

  /** A log entry is demanded where a log is named and not ignored. */
  private Optional<String> logged(JsonNode attestor, String path) {
    JsonNode rekor = attestor.path("rekor");
    boolean demanded = rekor.isObject() && !rekor.path("ignoreTlog").asBoolean(false);
    if (demanded && draft.trustedRoot().isEmpty()) {
      draft.weaker(
          path + "/rekor", "a log entry is demanded; name the log's trusted root (--trusted-root)");
    }
    return demanded ? draft.trustedRoot() : Optional.empty();
  }

  private Optional<String> certificates(JsonNode one, String path) {
    String certificate = one.path("cert").asString("");
    if (notary) {
      return certificate.isEmpty()
          ? without(path)
          : draft.authority(
              name,
              Draft.inlineRoots(
                  certificate,
                  Optional.of(one.path("tsaCerts").asString("")).filter(tsa -> !tsa.isEmpty())),
              path);
    }
    if (!certificate.contains("-----BEGIN CERTIFICATE-----")) {
      return without(path);
    }
    draft.weaker(
        path, "the certificate's key is believed; neither its chain nor its validity is judged");
    return draft.authority(
        name, Draft.inlineKey(certificate, Optional.empty(), logged(one, path)), path);
  }

  private Optional<String> without(String path) {
    draft.stricter(path, "the signing certificate is not in the document; a chain is not enough");
    return Optional.empty();
  }

  private Optional<String> keyless(JsonNode one, String path) {
    if (one.has("roots") && draft.trustedRoot().isEmpty()) {
      draft.stricter(
          path + "/roots", "an instance of its own; name its trusted root (--trusted-root)");
    }
    ObjectNode identity = one instanceof ObjectNode object ? object : Json.object();
    return draft.authority(name, new ForeignIdentity(draft).authority(identity, true, path), path);
  }
}
