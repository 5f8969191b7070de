package dev.bulla.cli.command;

import dev.bulla.core.claim.TrustDecision;
import dev.bulla.core.claim.TrustDecision.Clause;
import dev.bulla.core.claim.TrustDecision.Satisfied;
import dev.bulla.core.json.Json;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How a trust policy decided, for people and for machines. */
final class DecisionText {
  private DecisionText() {}

  /** One line for the scope, and one for each demand: who has met it, or what is missing. */
  static String human(TrustDecision decision) {
    if (decision.scope().isEmpty()) {
      return "  trust policy '%s': no scope%n".formatted(decision.policy());
    }
    StringBuilder text = new StringBuilder();
    text.append(
        "  trust policy '%s', scope '%s' (%s), %s%n"
            .formatted(decision.policy(), decision.scope(), decision.pattern(), decision.action()));
    for (Clause clause : decision.clauses()) {
      text.append(
          "  %s %-28s %s%n"
              .formatted(
                  clause.met() ? "met " : "open",
                  clause.name(),
                  clause.met() ? by(clause) : clause.missing()));
    }
    return text.toString();
  }

  private static String by(Clause clause) {
    return "%d of %d needed: %s"
        .formatted(
            clause.satisfied().size(),
            clause.threshold(),
            clause.satisfied().stream()
                .map(one -> "%s (%s)".formatted(one.authority(), one.evidence().shortHex()))
                .collect(Collectors.joining(", ")));
  }

  static ObjectNode json(TrustDecision decision) {
    ObjectNode root = Json.object();
    root.put("policy", decision.policy());
    root.put("digest", decision.digest().toString());
    root.put("scope", decision.scope());
    root.put("pattern", decision.pattern());
    root.put("action", decision.action());
    ArrayNode clauses = root.putArray("clauses");
    decision.clauses().forEach(clause -> write(clauses.addObject(), clause));
    return root;
  }

  private static void write(ObjectNode node, Clause clause) {
    node.put("name", clause.name());
    clause.predicateType().ifPresent(type -> node.put("predicateType", type));
    node.put("met", clause.met());
    node.put("threshold", clause.threshold());
    ArrayNode authorities = node.putArray("authorities");
    clause.authorities().forEach(authorities::add);
    if (!clause.annotations().isEmpty()) {
      ObjectNode pairs = node.putObject("annotations");
      clause.annotations().forEach(pairs::put);
    }
    ArrayNode satisfied = node.putArray("satisfied");
    for (Satisfied one : clause.satisfied()) {
      satisfied
          .addObject()
          .put("authority", one.authority())
          .put("evidence", one.evidence().toString())
          .put("signer", one.signer());
    }
    node.put("missing", clause.missing());
  }
}
