package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.verdict.Evidence;
import dev.bulla.core.verdict.RuleResult;
import dev.bulla.core.verdict.RuleResult.Outcome;
import dev.bulla.core.verdict.Verdict;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of rules that hold, do not hold, cannot be decided or do not apply. */
class EvaluatePolicyTest {
  private static final EvaluatePolicy POLICY = new EvaluatePolicy();
  private static final Facts FULL = Given.facts(Given.provenance(), Given.sbom(), Given.scan());

  @Test
  void aRuleThatHoldsPassesWithItsTitleAndDocuments() {
    RuleResult result =
        judge(FULL, "assert: sbom.componentCount == 3\n      title: Three components");
    assertThat(result.outcome()).isEqualTo(Outcome.PASS);
    assertThat(result.message()).isEqualTo("Three components");
    assertThat(result.code()).isEmpty();
    assertThat(result.evidence())
        .containsExactly(new Evidence("sbom", Optional.of(Given.sbom().evidence()), "home"));
  }

  @Test
  void aRuleThatDoesNotHoldFailsWithItsMessageCodeAndEvidence() {
    RuleResult result =
        judge(
            FULL,
            """
            assert: "subject.config.user == 'root'"
                  code: ACME-1
                  message: "'the user is ' + subject.config.user"
                  remediation: Become root.
                  evidence: "[subject.config.user, {'kind': 'image', 'digest': subject.digest, 'detail': 'it'}, 7]"
            """);
    assertThat(result.outcome()).isEqualTo(Outcome.FAIL);
    assertThat(result.message()).isEqualTo("the user is 65532");
    assertThat(result.code()).isEqualTo("ACME-1");
    assertThat(result.remediation()).isEqualTo("Become root.");
    assertThat(result.evidence())
        .containsExactly(
            new Evidence("fact", Optional.empty(), "65532"),
            new Evidence("image", Optional.of(Given.IMAGE), "it"),
            new Evidence("fact", Optional.empty(), "7"));
  }

  @Test
  void aWarningDoesNotRefuse() {
    Verdict verdict = evaluate(FULL, "assert: sbom.componentCount == 4\n      action: warn");
    assertThat(verdict.results().getFirst().outcome()).isEqualTo(Outcome.WARN);
    assertThat(verdict.allowed()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 / 0 == 1 | policy-evaluation",
        "sbom.componentCount + 9223372036854775807 > 0 | policy-evaluation",
        "daysBetween(subject.digest, now) > 1 | policy-evaluation",
        "params.users > 3 | policy-evaluation",
        "subject.config.labels.nothing == 'x' | policy-fact-missing",
        "params.nothing == 1 | policy-fact-missing",
        "signatures[0].verified | policy-fact-missing",
        "sbom.packages['pkg:npm/none'].size() == 0 | policy-fact-missing",
        "sbom.compnentCount == 3 | policy-evaluation",
        "sbom.componentCount | policy-evaluation",
        "sbom.componentCount == | policy-evaluation",
      })
  void anErrorInARuleRefuses(String expression, String code) {
    for (String action : List.of("enforce", "warn")) {
      Verdict verdict = evaluate(FULL, "assert: " + expression + "\n      action: " + action);
      RuleResult result = verdict.results().getFirst();
      assertThat(result.outcome()).isEqualTo(Outcome.ERROR);
      assertThat(result.code()).isEqualTo(code);
      assertThat(result.message()).startsWith("could not be decided: ");
      assertThat(verdict.allowed()).isFalse();
    }
  }

  @Test
  void anErrorInAConditionRefusesToo() {
    RuleResult result = judge(FULL, "assert: 'true'\n      when: 1 / 0 == 1");
    assertThat(result.outcome()).isEqualTo(Outcome.ERROR);
  }

  @Test
  void aBrokenMessageDoesNotHideARefusal() {
    RuleResult result =
        judge(
            FULL,
            "assert: 'false'\n      message: \"'a' + params.nothing\"\n      evidence: \"[1/0]\"");
    assertThat(result.outcome()).isEqualTo(Outcome.FAIL);
    assertThat(result.message()).contains("message could not be made");
    assertThat(result.evidence()).extracting(Evidence::kind).containsExactly("problem");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vulns.count.critical == 0",
        "vulns.findings.all(f, f.severity == 'low')",
        "!vulns.findings.exists(f, f.malicious)",
        "sbom.licences == {}",
        "provenance.unpinned.size() == 0",
      })
  void whatWouldHoldForWantOfEvidenceRefuses(String expression) {
    RuleResult result = judge(Given.facts(), "assert: \"" + expression + "\"");
    assertThat(result.outcome()).isEqualTo(Outcome.ERROR);
    assertThat(result.code()).isEqualTo(ErrorCode.POLICY_FACT_MISSING.id());
    assertThat(result.message()).contains("there is no verified");
  }

  @Test
  void aRuleMayAskForPresenceItself() {
    assertThat(
            judge(Given.facts(), "assert: '!vulns.present || vulns.count.critical == 0'").outcome())
        .isEqualTo(Outcome.PASS);
    assertThat(judge(Given.facts(), "assert: vulns.present").outcome()).isEqualTo(Outcome.FAIL);
  }

  @Test
  void aRuleAboutASectionOfAnotherPhaseIsReportedNotPassed() {
    Verdict verdict =
        POLICY.evaluate(
            PolicyBundleTest.parse(
                bundle("assert: template.present") + "    - id: other\n      assert: 'true'\n"),
            FULL,
            Given.NOW);
    assertThat(verdict.results().getFirst().outcome()).isEqualTo(Outcome.NOT_APPLICABLE);
    assertThat(verdict.results().getFirst().message())
        .contains("there is no template in phase build.post");
    assertThat(verdict.allowed()).isTrue();
  }

  @Test
  void aPolicyThatDecidesNothingRefuses() {
    assertThat(evaluate(FULL, "assert: template.present").allowed()).isFalse();
    assertThat(evaluate(FULL, "assert: 'true'\n      when: 'false'").allowed()).isFalse();
    PolicyBundle pre = PolicyBundle.builtin("build.pre");
    Verdict verdict = POLICY.evaluate(pre, FULL, Given.NOW);
    assertThat(verdict.allowed()).isFalse();
    assertThat(verdict.results().getFirst().message()).contains("decided nothing");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "L.all(a, L.all(b, L.all(c, L.all(d, L.all(e, L.all(f, L.all(g, a+b+c+d+e+f+g > 0)))))))",
        "['x'].map(a, a+a).map(a, a+a).map(a, a+a).map(a, a+a).map(a, a+a).map(a, a+a).map(a,"
            + " a+a).map(a, a+a).map(a, a+a).map(a, a+a).map(a, a+a).map(a, a+a).map(a, a+a).map(a,"
            + " a+a).map(a, a+a).map(a, a+a).map(a, a+a).map(a, a+a).map(a, a+a).map(a, a+a).map(a,"
            + " a+a).map(a, a+a).size() > 0",
      })
  void anExpressionBombRunsIntoTheLimitAndRefuses(String bomb) {
    String list = "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25]";
    RuleResult result = judge(FULL, "assert: \"" + bomb.replace("L", list) + "\"");
    assertThat(result.outcome()).isEqualTo(Outcome.ERROR);
    assertThat(result.message()).contains("the evaluation");
  }

  @Test
  void aBundleIsCheckedBeforeAnythingIsJudged() {
    PolicyBundle bad = PolicyBundleTest.parse(bundle("assert: sbom.compnentCount == 3"));
    assertThatThrownBy(() -> POLICY.check(bad))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.POLICY_INVALID);
              assertThat(e.getMessage()).contains("policy acme, rule only, assert:");
              assertThat(e.nextStep()).isEqualTo("Did you mean 'componentCount'?");
            });
    for (String field : List.of("message: '1 + '", "evidence: \"'text'\"", "when: now")) {
      PolicyBundle other = PolicyBundleTest.parse(bundle("assert: 'true'\n      " + field));
      assertThatThrownBy(() -> POLICY.check(other)).isInstanceOf(BullaException.class);
    }
    POLICY.check(PolicyBundleTest.parse(PolicyBundleTest.GOOD));
  }

  @Test
  void bothBundlesMustAllow() {
    PolicyBundle gate = PolicyBundle.builtin("build.post");
    PolicyBundle yes = PolicyBundleTest.parse(bundle("assert: 'true'"));
    PolicyBundle no = PolicyBundleTest.parse(bundle("assert: 'false'"));
    assertThat(POLICY.evaluate(List.of(gate, yes), FULL, Given.NOW).allowed()).isTrue();
    assertThat(POLICY.evaluate(List.of(gate, no), FULL, Given.NOW).allowed()).isFalse();
    assertThat(POLICY.evaluate(List.of(gate, yes), Given.facts(), Given.NOW).allowed()).isFalse();
    Verdict both = POLICY.evaluate(List.of(gate, no), FULL, Given.NOW);
    assertThat(both.policy()).isEqualTo("bulla.build.post + acme");
    assertThat(both.blocking()).extracting(RuleResult::id).containsExactly("acme/only");
    Digest alone = POLICY.evaluate(gate, FULL, Given.NOW).policyDigest();
    assertThat(both.policyDigest())
        .isNotEqualTo(alone)
        .isNotEqualTo(POLICY.evaluate(List.of(gate, yes), FULL, Given.NOW).policyDigest());
  }

  @Test
  void aBundleForAnotherPhaseIsReportedBesideOneThatDecides() {
    PolicyBundle gate = PolicyBundle.builtin("build.post");
    PolicyBundle pre = PolicyBundle.builtin("build.pre");
    Verdict alone = POLICY.evaluate(gate, FULL, Given.NOW);
    Verdict both = POLICY.evaluate(List.of(gate, pre), FULL, Given.NOW);
    assertThat(both.policyDigest()).isEqualTo(alone.policyDigest());
    assertThat(both.results()).startsWith(alone.results().toArray(RuleResult[]::new));
    assertThat(both.results().getLast().id()).isEqualTo("bulla.build.pre");
    assertThat(both.results().getLast().outcome()).isEqualTo(Outcome.NOT_APPLICABLE);
    assertThat(both.allowed()).isTrue();
    assertThat(POLICY.evaluate(List.of(pre), FULL, Given.NOW).allowed()).isFalse();
  }

  @Test
  void theSameFactsGiveTheSameVerdict() {
    PolicyBundle gate = PolicyBundle.builtin("build.post");
    Verdict once = POLICY.evaluate(gate, FULL, Given.NOW);
    Verdict again = new EvaluatePolicy().evaluate(gate, FULL, Given.NOW);
    assertThat(again).isEqualTo(once);
    assertThat(once.factsDigest()).isEqualTo(FULL.digest());
  }

  private static RuleResult judge(Facts facts, String rule) {
    return evaluate(facts, rule).results().getFirst();
  }

  private static Verdict evaluate(Facts facts, String rule) {
    return POLICY.evaluate(PolicyBundleTest.parse(bundle(rule)), facts, Given.NOW);
  }

  /** A bundle with one rule, {@code only}; further fields of it start on lines indented by six. */
  private static String bundle(String rule) {
    return """
    apiVersion: bulla.dev/v1
    kind: Policy
    metadata: {name: acme, version: "1"}
    spec:
      phases: [build.post]
      params: {users: ["65532"]}
      rules:
        - id: only
          %s
    """
        .formatted(rule);
  }
}
