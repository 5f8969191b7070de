package dev.bulla.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class RulesTest {
  private static final Shape FINDING =
      Shape.struct("finding", "id", Shape.TEXT, "severity", Shape.TEXT, "score", Shape.REAL);
  private static final Environment ENVIRONMENT =
      new Environment(
          Map.of(
              "vulns",
              Shape.struct(
                  "vulns",
                  "present",
                  Shape.BOOL,
                  "count",
                  Shape.struct("count", "critical", Shape.WHOLE, "high", Shape.WHOLE),
                  "findings",
                  Shape.listOf(FINDING)),
              "labels",
              Shape.mapOf(Shape.TEXT),
              "params",
              Shape.mapOf(Shape.ANY),
              "now",
              Shape.TEXT),
          List.of(
              new PureFunction(
                  "shout",
                  List.of(Shape.TEXT),
                  Shape.TEXT,
                  arguments -> arguments.getFirst() + "!")));
  private static final Rules RULES = new Rules(ENVIRONMENT, Limits.DEFAULT);
  private static final FactValues FACTS =
      facts(
          """
          {"vulns": {"present": true, "count": {"critical": 2, "high": 0},
            "findings": [{"id": "CVE-1", "severity": "critical", "score": 9.8},
                         {"id": "CVE-2", "severity": "low", "score": 2}]},
           "labels": {"team": "harbour"}, "params": {"max": 3, "allowed": ["a", "b"]},
           "now": "2026-11-21T00:00:00Z"}
          """);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vulns.present && vulns.count.critical == 2",
        "vulns.count.critical <= params.max",
        "vulns.findings.exists(f, f.severity == 'critical' && f.score > 9.0)",
        "vulns.findings.all(f, f.id.startsWith('CVE-'))",
        "vulns.findings.map(f, f.id) == ['CVE-1', 'CVE-2']",
        "vulns.findings.filter(f, f.severity in ['low'])[0].score == 2.0",
        "'team' in labels && labels.team.matches('^har.*r$')",
        "!('crew' in labels)",
        "'a' in params.allowed && !('c' in params.allowed)",
        "has(labels.team) && !has(labels.crew)",
        "timestamp(now) - duration('24h') == timestamp('2026-11-20T00:00:00Z')",
        "shout('no') == 'no!'",
        "size(vulns.findings) == 2 && [1, 2] + [3] == [1, 2, 3] && 'a' + 'b' == 'ab'",
        "params.max == 3.0 && 1 != 2 && dyn('a') != dyn(1)",
        "params == {'max': 3, 'allowed': ['a', 'b']}",
      })
  void readsFactsOfEveryShape(String expression) {
    assertThat(RULES.condition(expression).evaluate(FACTS)).isEqualTo(new Result.Value<>(true));
  }

  @Test
  void falseIsNotAnError() {
    assertThat(RULES.condition("vulns.count.critical == 0").evaluate(FACTS))
        .isEqualTo(new Result.Value<>(false));
  }

  @Test
  void textsAndListsAreValuesToo() {
    assertThat(RULES.text("'found ' + string(vulns.count.critical)").evaluate(FACTS))
        .isEqualTo(new Result.Value<>("found 2"));
    assertThat(RULES.list("vulns.findings.map(f, f.id)").evaluate(FACTS))
        .isEqualTo(new Result.Value<>(List.of("CVE-1", "CVE-2")));
  }

  @Test
  void saysWhichFactsARuleReads() {
    assertThat(RULES.condition("vulns.present || labels.team == now").reads())
        .containsExactlyInAnyOrder("vulns", "vulns.present", "labels", "labels.team", "now");
    assertThat(RULES.condition("[1].exists(x, x == 1)").reads()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "vulns.cuont.critical == 0 | Did you mean 'count'?",
        "vuln.present | Did you mean 'vulns'?",
        "vulns.findings.all(f, f.sevrity == 'low') | Did you mean 'severity'?",
        "shuot('a') == 'a' | Did you mean 'shout'?",
      })
  void aMisspeltFactIsFoundWhenCompiling(String expression, String hint) {
    assertThatThrownBy(() -> RULES.condition(expression))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.POLICY_INVALID);
              assertThat(e.nextStep()).isEqualTo(hint);
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   ",
        "vulns.present &&",
        "vulns.count.critical",
        "'text'",
        "vulns.count.critical == 'many'",
        "System.exit(1)",
        "now()",
        "vulns.present == (",
        "[1].exists(vulns, vulns == 1)",
        "\u0000",
      })
  void whatIsNoConditionIsRefused(String expression) {
    assertThatThrownBy(() -> RULES.condition(expression))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.POLICY_INVALID));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "labels.crew == 'x' | MISSING",
        "labels['crew'] == 'x' | MISSING",
        "vulns.findings[7].id == 'x' | MISSING",
        "params.nothing > 1 | MISSING",
        "1 / vulns.count.high == 1 | FAILED",
        "timestamp(labels.team) < timestamp(now) | FAILED",
        "params.max | FAILED",
        "params.allowed > 1 | FAILED",
        "labels.team.matches('(') | FAILED",
        "9223372036854775807 + vulns.count.critical > 0 | FAILED",
      })
  void whatCannotBeEvaluatedIsAnErrorNeverFalse(String expression, Result.Cause cause) {
    assertThat(RULES.condition(expression).evaluate(FACTS))
        .isInstanceOfSatisfying(Result.Error.class, e -> assertThat(e.cause()).isEqualTo(cause));
  }

  @Test
  void anAbsentVariableIsMissing() {
    assertThat(RULES.condition("vulns.present").evaluate(facts("{}")))
        .isInstanceOfSatisfying(
            Result.Error.class, e -> assertThat(e.cause()).isEqualTo(Result.Cause.MISSING));
  }

  @Test
  void nullAndHugeNumbersAreNotFacts() {
    CompiledRule<Boolean> rule = RULES.condition("params.max == 1");
    assertThat(rule.evaluate(facts("{\"params\": {\"max\": null}}")))
        .isInstanceOf(Result.Error.class);
    assertThat(rule.evaluate(facts("{\"params\": {\"max\": 123456789012345678901234567890}}")))
        .isInstanceOf(Result.Error.class);
  }

  @Test
  void oneRuleServesManyThreads() throws Exception {
    CompiledRule<Boolean> rule = RULES.condition("vulns.findings.exists(f, f.id == 'CVE-2')");
    try (var threads = Executors.newFixedThreadPool(4)) {
      Callable<Result<Boolean>> once = () -> rule.evaluate(FACTS);
      List<Callable<Result<Boolean>>> all = IntStream.range(0, 200).mapToObj(i -> once).toList();
      for (var answer : threads.invokeAll(all)) {
        assertThat(answer.get()).isEqualTo(new Result.Value<>(true));
      }
    }
  }

  static FactValues facts(String json) {
    return FactValues.of((ObjectNode) Json.parse(json.getBytes(StandardCharsets.UTF_8), "facts"));
  }
}
