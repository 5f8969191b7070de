package dev.bulla.rules;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * Any text is either refused as an expression, or compiles and gives an answer within its limits.
 */
class RulesFuzz {
  private static final Rules RULES =
      new Rules(
          new Environment(Map.of("facts", Shape.ANY, "names", Shape.listOf(Shape.TEXT))),
          new Limits(2_000, 500, 100_000, 100_000, 100_000, Duration.ofSeconds(2)));
  private static final FactValues FACTS = facts();

  @FuzzTest
  void anyExpression(byte[] bytes) {
    CompiledRule<Boolean> rule;
    try {
      rule = RULES.condition(new String(bytes, java.nio.charset.StandardCharsets.UTF_8));
    } catch (BullaException e) {
      if (e.code() != ErrorCode.POLICY_INVALID) {
        throw e;
      }
      return;
    }
    rule.evaluate(FACTS);
  }

  private static FactValues facts() {
    ObjectNode facts = Json.object();
    facts.putObject("facts").put("a", 1).put("b", "text");
    facts.putArray("names").add("x").add("y");
    return FactValues.of(facts);
  }
}
