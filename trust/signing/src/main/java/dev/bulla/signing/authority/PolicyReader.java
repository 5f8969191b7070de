package dev.bulla.signing.authority;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.core.json.Nearest;
import dev.bulla.core.json.Yaml;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Reads the document of a trust policy: the frame, and what no part of it can see alone. Unknown
 * fields are refused with the nearest name.
 */
final class PolicyReader {
  static final int MAX_BYTES = 1024 * 1024;
  static final String API_VERSION = "bulla.dev/v1";
  static final String KIND = "TrustPolicy";
  private static final int MAX_AUTHORITIES = 64;
  private static final int MAX_SCOPES = 200;

  private PolicyReader() {}

  static AuthorityPolicy read(byte[] bytes, String what, PolicyFiles files, DefaultRoot root) {
    try {
      if (bytes.length > MAX_BYTES) {
        throw new BullaException(
            ErrorCode.TRUST_POLICY_INVALID,
            "%s: a trust policy has at most %d bytes".formatted(what, MAX_BYTES));
      }
      boolean json = what.toLowerCase(Locale.ROOT).endsWith(".json");
      JsonNode document = json ? Json.parse(bytes, what) : Yaml.parse(bytes, what);
      return read(Fields.of(document, what), Digest.sha256(bytes), files, root);
    } catch (BullaException e) {
      String reason = e.reason().startsWith(what) ? e.reason() : what + ": " + e.reason();
      throw new BullaException(ErrorCode.TRUST_POLICY_INVALID, reason, e.nextStep(), e);
    }
  }

  private static AuthorityPolicy read(
      Fields root, Digest digest, PolicyFiles files, DefaultRoot defaultRoot) {
    root.only("apiVersion", "kind", "metadata", "spec");
    demand(root, "apiVersion", API_VERSION);
    demand(root, "kind", KIND);
    Fields metadata =
        root.object("metadata").only("name", "version", "description", "owner", "labels");
    metadata.stringMap("labels");
    metadata.optionalString("description");
    metadata.optionalString("owner");
    Fields spec = root.object("spec").only("authorities", "scopes");
    Map<String, Authority> authorities =
        authorities(spec.object("authorities"), new AuthorityReader(files, defaultRoot));
    return new AuthorityPolicy(
        name(metadata, "name"), version(metadata), digest, authorities, scopes(spec, authorities));
  }

  private static Map<String, Authority> authorities(Fields fields, AuthorityReader reader) {
    List<String> names = List.copyOf(fields.node().propertyNames());
    if (names.size() > MAX_AUTHORITIES) {
      throw new BullaException(
          ErrorCode.TRUST_POLICY_INVALID,
          "the policy has %d authorities, at most %d are read"
              .formatted(names.size(), MAX_AUTHORITIES));
    }
    Map<String, Authority> all = new LinkedHashMap<>();
    for (String name : names) {
      checkName(fields, name, name);
      all.put(name, reader.authority(name, fields.object(name)));
    }
    return all;
  }

  private static List<ScopeRule> scopes(Fields spec, Map<String, Authority> authorities) {
    List<Fields> listed = spec.objects("scopes");
    if (listed.isEmpty() || listed.size() > MAX_SCOPES) {
      throw spec.invalid(
          "scopes", "a list of %d, expected 1 to %d scopes".formatted(listed.size(), MAX_SCOPES));
    }
    ScopeReader reader = new ScopeReader(authorities);
    List<ScopeRule> all = new ArrayList<>();
    for (Fields one : listed) {
      ScopeRule rule = reader.scope(one);
      if (all.stream().anyMatch(other -> other.name().equals(rule.name()))) {
        throw one.invalid("name", "'" + rule.name() + "', which another scope has already");
      }
      all.add(rule);
    }
    Ambiguity.refuse(all);
    return all;
  }

  private static void demand(Fields root, String field, String expected) {
    if (!root.string(field).equals(expected)) {
      throw root.invalid(field, "'" + root.string(field) + "', expected " + expected);
    }
  }

  private static String version(Fields metadata) {
    JsonNode value = metadata.node().path("version");
    String text = value.isNumber() ? value.asString() : metadata.string("version");
    if (text.isBlank() || text.length() > 128) {
      throw metadata.invalid("version", "empty or longer than 128 characters");
    }
    return text;
  }

  static String name(Fields from, String field) {
    String value = from.string(field);
    checkName(from, field, value);
    return value;
  }

  private static void checkName(Fields from, String field, String value) {
    if (!value.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,127}")) {
      throw from.invalid(
          field,
          "'" + Shown.text(value) + "', expected letters, digits, '.', '_' or '-', at most 128");
    }
  }

  /** One of a few words; the error names the nearest. */
  static <T> T oneOf(Fields from, String field, String written, Map<String, T> known) {
    T found = known.get(written);
    if (found == null) {
      String all = String.join(", ", known.keySet().stream().sorted().toList());
      throw new BullaException(
          ErrorCode.TRUST_POLICY_INVALID,
          from.invalid(field, "'%s', expected one of: %s".formatted(Shown.text(written), all))
              .reason(),
          Nearest.to(written, known.keySet())
              .map(near -> "Did you mean '" + near + "'?")
              .orElse(""));
    }
    return found;
  }

  static Optional<String> text(Fields from, String field) {
    Optional<String> value = from.optionalString(field);
    value.ifPresent(one -> {
      if (one.isBlank() || one.length() > 4096) {
        throw from.invalid(field, "%d characters long, expected 1 to 4096".formatted(one.length()));
      }
    });
    return value;
  }
}
