package dev.bulla.graph;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.core.verdict.Evidence;
import dev.bulla.core.verdict.RuleResult;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Rule results and their evidence as JSON, for answers and for the one column that keeps evidence.
 */
final class RuleJson {
  private RuleJson() {}

  static ObjectNode write(RuleResult rule) {
    ObjectNode node = Json.object().put("id", rule.id());
    node.put("outcome", rule.outcome().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    if (!rule.code().isEmpty()) {
      node.put("code", rule.code());
    }
    node.put("message", rule.message());
    if (!rule.remediation().isEmpty()) {
      node.put("remediation", rule.remediation());
    }
    node.set("evidence", evidence(rule.evidence()));
    return node;
  }

  static String evidenceText(List<Evidence> evidence) {
    return new String(Json.write(evidence(evidence)), StandardCharsets.UTF_8);
  }

  static List<Evidence> evidence(String text) {
    List<Evidence> all = new ArrayList<>();
    for (JsonNode one : Json.parse(text.getBytes(StandardCharsets.UTF_8), "evidence column")) {
      Fields fields = Fields.of(one, "evidence column");
      all.add(
          new Evidence(
              fields.string("kind"),
              fields.optionalString("digest").map(Digest::parse),
              fields.string("detail")));
    }
    return all;
  }

  private static ArrayNode evidence(List<Evidence> evidence) {
    ArrayNode array = Json.array();
    for (Evidence one : evidence) {
      ObjectNode node = array.addObject().put("kind", one.kind());
      one.digest().ifPresent(digest -> node.put("digest", digest.toString()));
      node.put("detail", one.detail());
    }
    return array;
  }
}
