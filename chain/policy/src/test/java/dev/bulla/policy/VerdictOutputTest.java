package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import dev.bulla.core.verdict.RuleResult;
import dev.bulla.core.verdict.RuleResult.Outcome;
import dev.bulla.core.verdict.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.node.ObjectNode;

/** A verdict as a table, as JSON and as a statement. */
class VerdictOutputTest {
  private static final EvaluatePolicy POLICY = new EvaluatePolicy();
  private static final Verdict ALLOWED = judge(Given.scan());
  private static final Verdict REFUSED = judge(Given.scanWith(Given.log4shell()));
  private static final List<Digest> INPUTS =
      List.of(Given.sbom().evidence(), Given.provenance().evidence());

  @Test
  void theTableOfAnAllowedImage() {
    assertThat(VerdictText.table(ALLOWED))
        .startsWith("ALLOWED  build.post  localhost:5000/hello:1\n")
        .contains("pass  sbom-verified                There is a signed SBOM\n")
        .endsWith("14 passed\n");
  }

  @Test
  void theTableOfARefusedImageSaysWhatWhereAndWhatToDo() {
    String table = VerdictText.table(REFUSED, 80);
    assertThat(table)
        .startsWith("REFUSED  build.post  ")
        .contains("FAIL  no-critical-vulnerabilities  1 critical, 0 allowed:")
        .contains("code: policy-rule-failed")
        .contains("do: Update or remove")
        .endsWith("13 passed, 1 failed\n");
    assertThat(table.replaceAll("\\s+", " "))
        .contains("/app/app.jar!BOOT-INF/lib/log4j-core-2.14.1.jar (layer 2c26b46b68ff)");
    assertThat(table.lines())
        .allSatisfy(
            line -> assertThat(line.length() <= 80 || line.strip().indexOf(' ') < 0).isTrue());
  }

  @Test
  void outsideTextCannotMoveTheCursor() {
    RuleResult evil =
        new RuleResult(
            "r\u001b[2J", Outcome.FAIL, "c", "a\u0007b\n\u202eFAKE\rpass  all-good", "", List.of());
    String table = VerdictText.table(with(List.of(evil)));
    assertThat(table).doesNotContain("\u001b", "\u0007", "\u202e", "\r");
    assertThat(table.lines().filter(line -> line.startsWith("pass"))).isEmpty();
  }

  @Test
  void aVerdictWithoutRulesIsARefusal() {
    assertThat(VerdictText.table(with(List.of())))
        .startsWith("REFUSED")
        .contains("no rule was evaluated");
  }

  @Test
  void jsonGivesTheSameVerdictBack() {
    for (Verdict verdict : List.of(ALLOWED, REFUSED, with(List.of()))) {
      ObjectNode json = VerdictJson.write(verdict);
      assertThat(VerdictJson.parse(Json.parse(Json.write(json), "verdict"))).isEqualTo(verdict);
    }
  }

  @Test
  void aVerdictThatContradictsItsRulesIsRefused() {
    ObjectNode json = VerdictJson.write(REFUSED).put("allowed", true);
    assertThatThrownBy(() -> VerdictJson.parse(json))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STATEMENT_INVALID));
  }

  @Test
  void aPassedVerdictIsAVerificationSummary() {
    Statement statement = statement(ALLOWED);
    assertThat(statement.predicateType()).isEqualTo(PredicateTypes.VERIFICATION_SUMMARY_V1);
    assertThat(statement.isAbout(Given.IMAGE)).isTrue();
    ObjectNode predicate = (ObjectNode) statement.predicate();
    predicate.remove("bulla_verdict");
    assertThat(new String(Json.write(predicate), StandardCharsets.UTF_8))
        .isEqualTo(
            """
            {"verifier":{"id":"https://bulla.dev/verifier/home"},"timeVerified":"2026-11-21T12:00:00Z",\
            "resourceUri":"localhost:5000/hello:1",\
            "policy":{"uri":"https://bulla.dev/policy/bulla.build.post","digest":{"sha256":"%s"}},\
            "inputAttestations":[{"digest":{"sha256":"%s"}},{"digest":{"sha256":"%s"}}],\
            "verificationResult":"PASSED","verifiedLevels":["SLSA_BUILD_LEVEL_1"],"slsaVersion":"1.1"}\
            """
                .formatted(
                    PolicyBundle.builtin("build.post").digest().hex(),
                    INPUTS.stream().sorted().toList().get(0).hex(),
                    INPUTS.stream().sorted().toList().get(1).hex()));
  }

  @Test
  void aRefusedVerdictIsAFailedSummaryWithoutLevels() {
    ObjectNode predicate = (ObjectNode) statement(REFUSED).predicate();
    assertThat(predicate.get("verificationResult").asString()).isEqualTo("FAILED");
    assertThat(predicate.get("verifiedLevels")).hasSize(1);
    assertThat(predicate.at("/verifiedLevels/0").asString()).isEqualTo("FAILED");
  }

  @Test
  void aSummaryIsReadBackFromItsBytes() {
    for (Verdict verdict : List.of(ALLOWED, REFUSED)) {
      VerificationSummary read =
          VerificationSummary.parse(Statement.parse(statement(verdict).toJson()));
      assertThat(read.passed()).isEqualTo(verdict.allowed());
      assertThat(read.verdict()).contains(verdict);
      assertThat(read.verifier()).isEqualTo("https://bulla.dev/verifier/home");
      assertThat(read.policyDigest()).contains(verdict.policyDigest());
      assertThat(read.inputs()).containsExactlyInAnyOrderElementsOf(INPUTS);
      assertThat(read.timeVerified()).isEqualTo(Given.NOW);
    }
  }

  @Test
  void aSummaryOfAnotherVerifierIsReadToo() {
    ObjectNode predicate =
        Given.json(
            """
            {"verifier": {"id": "https://verifier.example"}, "timeVerified": "2026-01-01T00:00:00+01:00",
             "resourceUri": "x", "policy": {"uri": "https://policy.example"},
             "verificationResult": "PASSED", "verifiedLevels": ["SLSA_BUILD_LEVEL_3"]}
            """);
    VerificationSummary read =
        VerificationSummary.parse(
            Statement.about(Given.IMAGE, PredicateTypes.VERIFICATION_SUMMARY_V1, predicate));
    assertThat(read.passed()).isTrue();
    assertThat(read.verdict()).isEmpty();
    assertThat(read.policyDigest()).isEmpty();
    assertThat(read.levels()).containsExactly("SLSA_BUILD_LEVEL_3");
  }

  static Stream<Consumer<ObjectNode>> lies() {
    return Stream.of(
        p -> p.put("verificationResult", "FAILED"),
        p -> p.put("verificationResult", "passed"),
        p -> p.remove("verificationResult"),
        p -> p.remove("verifier"),
        p -> p.remove("policy"),
        p -> p.put("timeVerified", "yesterday"),
        p -> p.put("bulla_verdict", "trust me"),
        p ->
            ((ObjectNode) p.get("bulla_verdict"))
                .put("subject", Digest.sha256(new byte[0]).toString()),
        p -> ((ObjectNode) p.at("/bulla_verdict/results/0")).put("outcome", "fail"),
        p -> ((ObjectNode) p.at("/bulla_verdict/results/0")).put("outcome", "splendid"));
  }

  @ParameterizedTest
  @MethodSource("lies")
  void aSummaryThatLiesIsRefused(Consumer<ObjectNode> lie) {
    ObjectNode predicate = (ObjectNode) statement(ALLOWED).predicate().deepCopy();
    lie.accept(predicate);
    Statement statement =
        Statement.about(Given.IMAGE, PredicateTypes.VERIFICATION_SUMMARY_V1, predicate);
    assertThatThrownBy(() -> VerificationSummary.parse(statement))
        .isInstanceOf(BullaException.class);
  }

  @Test
  void aVerdictIsNoStatementAboutSomethingElse() {
    Digest other = Digest.sha256(new byte[] {7});
    assertThatThrownBy(() -> VerificationSummary.statement(ALLOWED, other, "x", "y", List.of()))
        .isInstanceOf(BullaException.class);
    assertThatThrownBy(() -> VerificationSummary.parse(Given.scan().statement().orElseThrow()))
        .isInstanceOf(BullaException.class);
  }

  private static Verdict with(List<RuleResult> results) {
    return new Verdict(
        "build.post",
        Optional.of(Given.IMAGE),
        "n",
        Given.NOW,
        "p",
        Given.IMAGE,
        Given.IMAGE,
        results);
  }

  private static Statement statement(Verdict verdict) {
    return VerificationSummary.statement(
        verdict, Given.IMAGE, "localhost:5000/hello:1", "https://bulla.dev/verifier/home", INPUTS);
  }

  private static Verdict judge(SignatureRecord scan) {
    return POLICY.evaluate(
        PolicyBundle.builtin("build.post"),
        Given.facts(Given.provenance(), Given.sbom(), scan),
        Given.NOW);
  }
}
