package dev.bulla.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.json.Json;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a hostile or careless expression can cost. */
class LimitsTest {
  private static final Environment ENVIRONMENT =
      new Environment(Map.of("list", Shape.listOf(Shape.WHOLE), "text", Shape.TEXT));
  private static final Limits SMALL =
      new Limits(4_000, 1_000, 1_000_000, 200_000, 10_000, Duration.ofSeconds(10));
  private static final Rules RULES = new Rules(ENVIRONMENT, SMALL);
  private static final FactValues FACTS = facts(1_000);

  @ParameterizedTest
  @ValueSource(
      strings = {
        // cubic time
        "list.all(a, list.all(b, list.all(c, a + b + c >= 0)))",
        // the same where a swallowed error would make it true
        "list.all(a, list.all(b, list.all(c, a + b + c >= 0))) || true",
        "list.exists(a, list.all(b, list.all(c, a + b + c >= 0))) ? true : true",
        // quadratic membership
        "list.all(a, list.all(b, b in list))",
        // a list too long
        "(list + list + list + list + list + list + list + list + list + list + list).size() > 0",
      })
  void nestedLoopsRunIntoTheLimit(String expression) {
    refusedByLimit(RULES.condition(expression));
  }

  @Test
  void doublingATextRunsIntoTheLimit() {
    refusedByLimit(RULES.condition("['x']" + ".map(a, a + a)".repeat(40) + ".size() > 0"));
    refusedByLimit(RULES.condition("[b'x']" + ".map(a, a + a)".repeat(40) + ".size() > 0"));
  }

  @Test
  void doublingAListRunsIntoTheLimit() {
    refusedByLimit(RULES.condition("[list]" + ".map(a, a + a)".repeat(40) + ".size() > 0"));
  }

  @Test
  void comparingATreeOfSharedListsRunsIntoTheLimit() {
    String tree = "[dyn(list)]" + ".map(a, dyn([a, a]))".repeat(30);
    refusedByLimit(RULES.condition(tree + " == " + tree));
    refusedByLimit(RULES.condition(tree + " in [" + tree + "]"));
  }

  @Test
  void aMessageAboutATreeOfSharedListsIsBounded() {
    String tree = "[dyn(list)]" + ".map(a, dyn([a, a]))".repeat(40);
    for (String end :
        List.of("[0] < 1", "[0].x == 1", "[0][list] == 1", "[0].startsWith('a')", "[99] == 1")) {
      assertThat(RULES.condition(tree + end).evaluate(FACTS)).isInstanceOf(Result.Error.class);
    }
  }

  @Test
  void theClockEndsWhatTheStepsDoNot() {
    Limits hasty =
        new Limits(4_000, 1_000, Integer.MAX_VALUE, Long.MAX_VALUE, 10_000, Duration.ofMillis(50));
    CompiledRule<Boolean> rule =
        new Rules(ENVIRONMENT, hasty)
            .condition("list.all(a, list.all(b, list.all(c, list.all(d, a + b + c + d >= 0))))");
    refusedByLimit(rule); // without a clock it would go on for days
  }

  @Test
  void iterationsAreCountedOverAllLoops() {
    Limits few = new Limits(4_000, 1_000, 1_500, 10_000_000, 10_000, Duration.ofSeconds(10));
    refusedByLimit(new Rules(ENVIRONMENT, few).condition("list.all(a, list.all(b, b >= 0))"));
  }

  @Test
  void honestWorkOverManyComponentsFits() {
    Rules rules = new Rules(ENVIRONMENT, Limits.DEFAULT);
    FactValues many = facts(20_000);
    assertThat(
            rules
                .condition("list.filter(a, a >= 0).map(a, a + 1).exists(a, a == 20000)")
                .evaluate(many))
        .isEqualTo(new Result.Value<>(true));
  }

  @ParameterizedTest
  @ValueSource(strings = {"((((", "!(!(", "[[[[", "-----"})
  void deepNestingIsRefusedWhenCompiling(String opening) {
    assertThatThrownBy(() -> RULES.condition(opening.repeat(900) + "true"))
        .isInstanceOf(BullaException.class);
  }

  @Test
  void longAndWideExpressionsAreRefusedWhenCompiling() {
    assertThatThrownBy(() -> RULES.condition("true" + " && true".repeat(2_000)))
        .isInstanceOf(BullaException.class);
    assertThatThrownBy(() -> RULES.condition("size([" + "1,".repeat(1_500) + "1]) > 0"))
        .isInstanceOf(BullaException.class);
    assertThat(RULES.condition("true" + " && true".repeat(300)).evaluate(FACTS))
        .isEqualTo(new Result.Value<>(true));
  }

  @Test
  void aGreedyPatternIsLinearOrRefused() {
    FactValues long_ = FactValues.of(Json.object().put("text", "a".repeat(50_000)));
    RULES.condition("text.matches('(a*)*b')").evaluate(long_);
    assertThat(RULES.condition("text.matches('((a{1,100}){1,100}){1,100}b')").evaluate(long_))
        .isInstanceOf(Result.Error.class);
  }

  private static void refusedByLimit(CompiledRule<Boolean> rule) {
    assertThat(rule.evaluate(FACTS))
        .isInstanceOfSatisfying(
            Result.Error.class, e -> assertThat(e.cause()).isEqualTo(Result.Cause.LIMIT));
  }

  private static FactValues facts(int size) {
    ObjectNode facts = Json.object();
    ArrayNode list = facts.putArray("list");
    for (int i = 0; i < size; i++) {
      list.add(i);
    }
    facts.put("text", "text");
    return FactValues.of(facts);
  }
}
