package dev.bulla.policy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.core.json.Yaml;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads policy documents; unknown fields are refused with the nearest name. */
final class PolicyReader {
  static final int MAX_BYTES = 1024 * 1024;
  private static final String API_VERSION = "bulla.dev/v1";
  private static final int MAX_RULES = 200;
  private static final int MAX_TEXT = 8_192;

  private PolicyReader() {}

  static PolicyBundle read(byte[] bytes, String what) {
    if (bytes.length > MAX_BYTES) {
      throw tooLarge(what);
    }
    boolean json = what.toLowerCase(Locale.ROOT).endsWith(".json");
    JsonNode document = json ? Json.parse(bytes, what) : Yaml.parse(bytes, what);
    Fields root = Fields.of(document, what).only("apiVersion", "kind", "metadata", "spec");
    demand(root, "apiVersion", API_VERSION);
    demand(root, "kind", "Policy");
    Fields metadata =
        root.object("metadata").only("name", "version", "description", "owner", "labels");
    metadata.stringMap("labels");
    Fields spec = root.object("spec").only("phases", "params", "rules");
    ObjectNode params = spec.optionalObject("params").map(Fields::node).orElseGet(Json::object);
    return new PolicyBundle(
        name(metadata, "name"),
        version(metadata),
        phases(spec),
        Plain.object(params, what + ": params"),
        rules(spec),
        Digest.sha256(bytes));
  }

  static BullaException tooLarge(String what) {
    return new BullaException(
        ErrorCode.INPUT_TOO_LARGE, "%s: a policy has at most %d bytes".formatted(what, MAX_BYTES));
  }

  private static void demand(Fields root, String field, String expected) {
    if (!root.string(field).equals(expected)) {
      throw root.invalid(field, "'" + root.string(field) + "', expected " + expected);
    }
  }

  private static String version(Fields metadata) {
    JsonNode value = metadata.node().path("version");
    return value.isNumber()
        ? value.asString()
        : text(metadata, "version", metadata.string("version"));
  }

  private static Set<Phase> phases(Fields spec) {
    Set<Phase> phases = new HashSet<>();
    spec.strings("phases").forEach(id -> phases.add(Phase.parse(id)));
    if (phases.isEmpty()) {
      throw spec.invalid("phases", "empty, expected at least one phase");
    }
    return phases;
  }

  private static List<PolicyRule> rules(Fields spec) {
    List<Fields> listed = spec.objects("rules");
    if (listed.isEmpty() || listed.size() > MAX_RULES) {
      throw spec.invalid(
          "rules", "a list of %d, expected 1 to %d rules".formatted(listed.size(), MAX_RULES));
    }
    List<PolicyRule> rules = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (Fields one : listed) {
      PolicyRule rule = rule(one);
      if (!ids.add(rule.id())) {
        throw one.invalid("id", "'" + rule.id() + "', which another rule has already");
      }
      rules.add(rule);
    }
    return rules;
  }

  private static PolicyRule rule(Fields one) {
    one.only(
        "id", "title", "action", "code", "when", "assert", "message", "remediation", "evidence");
    String id = name(one, "id");
    return new PolicyRule(
        id,
        optional(one, "title").orElse(id),
        action(one),
        one.has("code") ? name(one, "code") : PolicyRule.DEFAULT_CODE,
        optional(one, "when"),
        text(one, "assert", one.string("assert")),
        optional(one, "message"),
        optional(one, "remediation").orElse(""),
        optional(one, "evidence"));
  }

  private static PolicyRule.Action action(Fields one) {
    String action = one.optionalString("action").orElse("enforce");
    return switch (action) {
      case "enforce" -> PolicyRule.Action.ENFORCE;
      case "warn" -> PolicyRule.Action.WARN;
      default -> throw one.invalid("action", "'" + action + "', expected enforce or warn");
    };
  }

  private static Optional<String> optional(Fields from, String field) {
    return from.optionalString(field).map(value -> text(from, field, value));
  }

  private static String text(Fields from, String field, String value) {
    if (value.isBlank() || value.length() > MAX_TEXT) {
      throw from.invalid(
          field, "%d characters long, expected 1 to %d".formatted(value.length(), MAX_TEXT));
    }
    return value.strip();
  }

  private static String name(Fields from, String field) {
    String value = from.string(field);
    if (!value.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,127}")) {
      throw from.invalid(
          field,
          "'" + Shown.text(value) + "', expected letters, digits, '.', '_' or '-', at most 128");
    }
    return value;
  }
}
