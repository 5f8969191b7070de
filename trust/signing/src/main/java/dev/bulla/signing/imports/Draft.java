package dev.bulla.signing.imports;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.signing.authority.AuthorityPolicy;
import dev.bulla.signing.authority.DefaultRoot;
import dev.bulla.signing.authority.PolicyFiles;
import dev.bulla.signing.sigstore.TrustedRoot;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A Bulla trust policy while it is put together out of foreign ones. Not thread-safe. */
final class Draft {
  private final Map<String, ObjectNode> authorities = new LinkedHashMap<>();
  private final List<ScopeDraft> scopes = new ArrayList<>();
  private final List<Imported.Lost> lost = new ArrayList<>();
  private final Optional<String> trustedRoot;

  /**
   * @param trustedRoot path of the trusted root to name wherever the foreign policies go by a
   *     Sigstore instance
   */
  Draft(Optional<String> trustedRoot) {
    this.trustedRoot = trustedRoot;
  }

  Optional<String> trustedRoot() {
    return trustedRoot;
  }

  void weaker(String path, String reason) {
    lost.add(new Imported.Lost(path, reason, true));
  }

  void stricter(String path, String reason) {
    lost.add(new Imported.Lost(path, reason, false));
  }

  /**
   * Keeps an authority under a name of its own; one that says the same keeps its first name.
   *
   * @return the name; empty if it is not valid, which is noted as lost
   */
  Optional<String> authority(String wanted, ObjectNode authority, String path) {
    for (Map.Entry<String, ObjectNode> known : authorities.entrySet()) {
      if (known.getValue().equals(authority)) {
        return Optional.of(known.getKey());
      }
    }
    Optional<String> fault = fault(authority);
    if (fault.isPresent()) {
      stricter(path, "nobody can be believed by it: " + fault.get());
      return Optional.empty();
    }
    String name = distinct(clean(wanted), authorities.keySet());
    authorities.put(name, authority);
    return Optional.of(name);
  }

  /** Why an authority could not be read; one that goes by files is checked with the whole. */
  private static Optional<String> fault(ObjectNode authority) {
    if (authority.has("notation") && authority.at("/notation/0").has("trustStore")) {
      return Optional.empty();
    }
    ObjectNode bare = authority.deepCopy();
    bare.path("keys").forEach(key -> ((ObjectNode) key).remove("trustedRoot"));
    bare.path("identities").forEach(one -> ((ObjectNode) one).remove("trustedRoot"));
    ObjectNode document = frame("check");
    ObjectNode spec = document.putObject("spec");
    spec.putObject("authorities").set("one", bare);
    spec.putArray("scopes")
        .addObject()
        .put("name", "all")
        .put("action", "audit")
        .putArray("images")
        .add("**");
    try {
      AuthorityPolicy.parse(
          Json.write(document), "authority.json", PolicyFiles.none(), new NoRoot());
      return Optional.empty();
    } catch (BullaException e) {
      return e.reason().contains(NoRoot.REASON) ? Optional.empty() : Optional.of(e.reason());
    }
  }

  /** The trusted root is not known while a policy is imported. */
  private record NoRoot() implements DefaultRoot {
    private static final String REASON = "the trusted root comes later";

    @Override
    public TrustedRoot get() {
      throw new BullaException(ErrorCode.TRUST_POLICY_INVALID, REASON);
    }
  }

  void add(ScopeDraft scope) {
    scopes.add(scope);
  }

  /** The document. Where policies add up for the peer, overlapping scopes are merged. */
  Imported finish(String name, boolean additive) {
    List<ScopeDraft> all = additive ? new Overlaps(this).merged(scopes) : scopes;
    ObjectNode document = frame(name);
    ObjectNode spec = document.putObject("spec");
    ObjectNode known = spec.putObject("authorities");
    authorities.forEach(known::set);
    ArrayNode listed = spec.putArray("scopes");
    TreeSet<String> names = new TreeSet<>();
    for (ScopeDraft one : all) {
      String own = distinct(clean(one.name()), names);
      names.add(own);
      listed.add(one.document(own));
    }
    return new Imported(document, lost);
  }

  private static ObjectNode frame(String name) {
    ObjectNode document =
        Json.object().put("apiVersion", "bulla.dev/v1").put("kind", "TrustPolicy");
    document.putObject("metadata").put("name", clean(name)).put("version", "1");
    return document;
  }

  static String distinct(String name, Set<String> taken) {
    String free = name;
    for (int i = 2; taken.contains(free); i++) {
      free = name + "-" + i;
    }
    return free;
  }

  /** Letters, digits, dot, dash and underscore, beginning with one of the first two. */
  static String clean(String name) {
    String clean = name.replaceAll("[^A-Za-z0-9._-]+", "-").replaceAll("^[^A-Za-z0-9]+", "");
    clean = clean.substring(0, Math.min(100, clean.length()));
    return clean.isEmpty() ? "unnamed" : clean;
  }

  static ObjectNode inlineKey(String pem, Optional<String> hash, Optional<String> root) {
    ObjectNode authority = Json.object();
    ObjectNode key = authority.putArray("keys").addObject().put("pem", ended(pem));
    hash.ifPresent(one -> key.put("hash", one));
    root.ifPresent(one -> key.put("trustedRoot", one));
    return authority;
  }

  static ObjectNode inlineRoots(String pem, Optional<String> timestampPem) {
    ObjectNode authority = Json.object();
    ObjectNode one = authority.putArray("notation").addObject();
    ArrayNode certificates = one.putArray("certificates");
    certificates.addObject().put("type", "ca").put("pem", ended(pem));
    timestampPem.ifPresent(
        tsa -> certificates.addObject().put("type", "tsa").put("pem", ended(tsa)));
    one.putArray("identities").add("*");
    return authority;
  }

  private static String ended(String pem) {
    return new String(pem.strip().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8) + "\n";
  }
}
