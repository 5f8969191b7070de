package dev.bulla.signing.imports;

import dev.bulla.core.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
 * @param looksAtPairs whether pairs that must be signed count: for Kyverno, of signatures in
 *     Cosign's formats only
 */
record KyvernoAttestors(Draft draft, String name, boolean notary, boolean looksAtPairs) {
  static final String ELSEWHERE =
      "signatures are looked for beside the image, or where COSIGN_REPOSITORY says";

  private static final Pattern PEM =
      Pattern.compile("-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", Pattern.DOTALL);

  /** One entry; without an authority if nobody can satisfy it here. */
  private record Entry(Optional<String> authority, Map<String, String> annotations) {}

  /**
   * @param annotations pairs that must be signed unless an entry names others
   */
  List<ObjectNode> demands(JsonNode sets, Map<String, String> annotations, String path) {
    List<ObjectNode> all = new ArrayList<>();
    int number = 0;
    for (JsonNode set : sets) {
      all.addAll(demand(set, annotations, path + "/" + number++));
    }
    return all;
  }

  /** A set in which all are demanded may hold other sets: all of these are demands too. */
  private List<ObjectNode> demand(JsonNode set, Map<String, String> annotations, String path) {
    List<Entry> entries = new ArrayList<>();
    List<ObjectNode> demands = new ArrayList<>();
    boolean all = count(set) == 0 || count(set) == set.path("entries").size();
    int number = 0;
    for (JsonNode entry : set.path("entries")) {
      String at = path + "/entries/" + number++;
      JsonNode nested = entry.path("attestor");
      if (nested.isObject() && all) {
        demands.addAll(demand(nested, annotations, at + "/attestor"));
      } else if (nested.isObject() && count(set) == 1 && isChoice(nested)) {
        nested.path("entries").forEach(one -> entries.addAll(entry(one, annotations, at)));
      } else {
        entries.addAll(entry(entry, annotations, at));
      }
    }
    if (entries.isEmpty() && !demands.isEmpty()) {
      return demands;
    }
    int threshold = all ? entries.size() : count(set);
    List<Entry> kept =
        entries.stream().filter(one -> one.authority.isPresent()).distinct().toList();
    if (kept.size() < threshold || kept.isEmpty()) {
      draft.weaker(
          path,
          "%d of %d attestors are demanded, and only %d could be carried over: the demand is"
                  .formatted(threshold, entries.size(), kept.size())
              + " left out");
      return demands;
    }
    demands.addAll(byPairs(kept, threshold, path));
    return demands;
  }

  private static int count(JsonNode set) {
    return Math.max(0, set.path("count").asInt(0));
  }

  /** Whether one of its entries is enough, none of which is a set itself. */
  private static boolean isChoice(JsonNode set) {
    boolean flat = true;
    for (JsonNode entry : set.path("entries")) {
      flat &= !entry.has("attestor");
    }
    return flat && (count(set) == 1 || count(set) == 0 && set.path("entries").size() == 1);
  }

  /** A demand has one set of pairs: where all are demanded, those with the same become one. */
  private List<ObjectNode> byPairs(List<Entry> kept, int threshold, String path) {
    Map<Map<String, String>, List<String>> groups = new LinkedHashMap<>();
    kept.forEach(one ->
        groups
            .computeIfAbsent(one.annotations, ignored -> new ArrayList<>())
            .add(one.authority.orElseThrow()));
    if (groups.size() > 1 && threshold < kept.size()) {
      draft.weaker(
          path, "pairs that must be signed and that differ between the attestors of a choice");
      List<String> names = kept.stream().flatMap(one -> one.authority.stream()).distinct().toList();
      return List.of(ScopeDraft.demand(names, Math.min(threshold, names.size())));
    }
    List<ObjectNode> all = new ArrayList<>();
    groups.forEach((pairs, names) -> {
      ObjectNode demand = ScopeDraft.demand(names, Math.min(threshold, names.size()));
      if (!pairs.isEmpty()) {
        pairs.forEach(demand.putObject("annotations")::put);
      }
      all.add(demand);
    });
    return all;
  }

  /** Pairs that must be signed. */
  static Map<String, String> pairs(JsonNode annotations) {
    Map<String, String> all = new TreeMap<>();
    annotations.forEachEntry((name, value) -> all.put(name, value.asString("")));
    return all;
  }

  private List<Entry> entry(JsonNode entry, Map<String, String> annotations, String path) {
    Map<String, String> own = looksAtPairs ? pairsOf(entry, annotations) : Map.of();
    return entry(entry, path).stream().map(one -> new Entry(one, own)).toList();
  }

  private static Map<String, String> pairsOf(JsonNode entry, Map<String, String> annotations) {
    return entry.path("annotations").isObject() ? pairs(entry.path("annotations")) : annotations;
  }

  /** What an entry became; an empty one counts as an entry that nobody can satisfy. */
  private List<Optional<String>> entry(JsonNode entry, String path) {
    if (entry.has("repository")) {
      draft.stricter(path + "/repository", ELSEWHERE);
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
    draft.stricter(path, "a set of attestors within a choice, which cannot be said");
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

  /** Kyverno demands a log entry of keys too, unless told not to. */
  private Optional<String> logged(JsonNode attestor, String path) {
    if (attestor.path("ctlog").has("tsaCertChain")) {
      draft.weaker(
          path + "/ctlog/tsaCertChain", "a timestamp is demanded; write requireTimestamp instead");
    }
    boolean demanded = !attestor.path("rekor").path("ignoreTlog").asBoolean(false);
    if (demanded && draft.trustedRoot().isEmpty()) {
      draft.weaker(
          path + "/rekor", "a log entry is demanded; name the log's trusted root (--trusted-root)");
    }
    return demanded ? draft.trustedRoot() : Optional.empty();
  }

  private Optional<String> certificates(JsonNode one, String path) {
    String certificate = one.path("cert").asString("");
    if (notary) {
      certificate = (certificate + "\n" + one.path("certChain").asString("")).strip();
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
    draft.stricter(
        path,
        notary
            ? "the certificates are not in the document"
            : "the signing certificate is not in the document; a chain is not enough");
    return Optional.empty();
  }

  private Optional<String> keyless(JsonNode one, String path) {
    if (one.has("roots") && draft.trustedRoot().isEmpty()) {
      draft.stricter(
          path + "/roots", "an instance of its own; name its trusted root (--trusted-root)");
    }
    if (one.path("rekor").path("ignoreTlog").asBoolean(false)) {
      draft.stricter(path + "/rekor", "an identity always needs a log entry");
    }
    if (one.path("ctlog").path("ignoreSCT").asBoolean(false)) {
      draft.stricter(
          path + "/ctlog", "a certificate must be logged if the trusted root names such a log");
    }
    ObjectNode identity = one instanceof ObjectNode object ? object : Json.object();
    return draft.authority(name, new ForeignIdentity(draft).authority(identity, true, path), path);
  }
}
