package dev.bulla.policy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.verdict.Verdict;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Arbitrary policies are read or refused; arbitrary predicates become facts that the gates can
 * judge, or are refused.
 */
class PolicyFuzz {
  private static final EvaluatePolicy POLICY = new EvaluatePolicy();
  private static final PolicyBundle GATE = PolicyBundle.builtin("build.post");
  private static final Facts FACTS = Given.facts(Given.provenance(), Given.sbom(), Given.scan());

  @FuzzTest
  void anyPolicyDocument(byte[] bytes) {
    for (String name : List.of("policy.yaml", "policy.json")) {
      PolicyBundle bundle;
      try {
        bundle = PolicyBundle.parse(bytes, name);
      } catch (BullaException e) {
        continue;
      }
      VerdictText.table(POLICY.evaluate(bundle, FACTS, Given.NOW));
    }
  }

  @FuzzTest
  void anyPredicate(byte[] bytes) {
    JsonNode predicate;
    try {
      predicate = Json.parse(bytes, "predicate");
    } catch (BullaException e) {
      return;
    }
    if (!(predicate instanceof ObjectNode object)) {
      return;
    }
    for (String type :
        List.of(
            PredicateTypes.SLSA_PROVENANCE_V1,
            PredicateTypes.CYCLONEDX,
            PredicateTypes.SPDX,
            PredicateTypes.VULNERABILITIES_V02)) {
      Verdict verdict = POLICY.evaluate(GATE, Given.facts(Given.verified(type, object)), Given.NOW);
      if (verdict.allowed()) {
        throw new AssertionError("one statement cannot satisfy the gate");
      }
      VerdictText.table(verdict);
    }
  }

  @FuzzTest
  void anyTemplateFacts(byte[] bytes) {
    try {
      if (Json.parse(bytes, "template") instanceof ObjectNode object) {
        POLICY.evaluate(PolicyBundle.builtin("build.pre"), Given.templateFacts(object), Given.NOW);
      }
    } catch (BullaException e) {
      // refused as data
    }
  }
}
