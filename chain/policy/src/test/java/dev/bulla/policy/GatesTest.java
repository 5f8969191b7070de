package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import dev.bulla.core.verdict.RuleResult;
import dev.bulla.core.verdict.RuleResult.Outcome;
import dev.bulla.core.verdict.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * The two built-in gates: what passes, and that each thing taken away or made worse refuses by the
 * right rule.
 */
class GatesTest {
  private static final EvaluatePolicy POLICY = new EvaluatePolicy();
  private static final PolicyBundle PRE = PolicyBundle.builtin("build.pre");
  private static final PolicyBundle POST = PolicyBundle.builtin("build.post");

  @Test
  void everyExpressionOfTheBuiltInBundlesCompiles() {
    POLICY.check(PRE);
    POLICY.check(POST);
  }

  @Test
  void anImageWithAllItsEvidencePasses() {
    Verdict verdict = judge(Given.provenance(), Given.sbom(), Given.scan());
    assertThat(verdict.results()).allSatisfy(r -> assertThat(r.outcome()).isEqualTo(Outcome.PASS));
    assertThat(verdict.allowed()).isTrue();
    assertThat(verdict.subject()).contains(Given.IMAGE);
    assertThat(verdict.phase()).isEqualTo("build.post");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void anyEvidenceTakenAwayRefuses(int removed) {
    List<SignatureRecord> all = List.of(Given.provenance(), Given.sbom(), Given.scan());
    List<String> rules = List.of("provenance-verified", "sbom-verified", "scan-verified");
    assertThat(blocking(judge(Given.without(all, removed)))).containsExactly(rules.get(removed));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void evidenceByAnUntrustedKeyIsNoEvidence(int index) {
    SignatureRecord[] all = {Given.provenance(), Given.sbom(), Given.scan()};
    all[index] = Given.untrusted(all[index]);
    Verdict verdict = judge(all);
    assertThat(verdict.blocking()).hasSize(1);
    assertThat(verdict.blocking().getFirst().evidence())
        .anySatisfy(e -> assertThat(e.detail()).isEqualTo(ErrorCode.SIGNER_NOT_TRUSTED.id()));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void evidenceAboutAnotherImageIsNoEvidence(int index) {
    SignatureRecord[] all = {Given.provenance(), Given.sbom(), Given.scan()};
    Statement statement = all[index].statement().orElseThrow();
    all[index] =
        Given.verified(
            Statement.about(
                Digest.sha256(new byte[] {2}), statement.predicateType(), statement.predicate()));
    assertThat(judge(all).blocking()).hasSize(1);
  }

  @Test
  void nothingAtAllRefusesByThreeRules() {
    assertThat(blocking(judge()))
        .containsExactly("provenance-verified", "sbom-verified", "scan-verified");
  }

  @Test
  void aRefusalNamesComponentPlaceAdvisoriesAndRepair() {
    Verdict verdict = judge(Given.provenance(), Given.sbom(), Given.scanWith(Given.log4shell()));
    assertThat(verdict.blocking()).hasSize(1);
    RuleResult refusal = verdict.blocking().getFirst();
    assertThat(refusal.id()).isEqualTo("no-critical-vulnerabilities");
    assertThat(refusal.message())
        .contains("org.apache.logging.log4j:log4j-core 2.14.1")
        .contains("/app/app.jar!BOOT-INF/lib/log4j-core-2.14.1.jar")
        .contains("layer 2c26b46b68ff")
        .contains("CVE-2021-44228 critical")
        .contains("GHSA-jfh8-c2jp-5v3q")
        .contains("fixed in 2.15.0");
    assertThat(refusal.remediation()).contains("Update or remove");
    assertThat(refusal.evidence())
        .anySatisfy(e -> {
          assertThat(e.kind()).isEqualTo("component");
          assertThat(e.detail()).contains("log4j-core").contains("CVE-2021-44228");
        });
  }

  @Test
  void manyFindingsAreNamedWorstFirstAndTheRestCounted() {
    ObjectNode[] many = new ObjectNode[300];
    for (int i = 0; i < many.length; i++) {
      many[i] = Given.log4shell().put("id", "CVE-2030-%05d".formatted(i));
      if (i < 10) {
        relevel(many[i], "medium");
      }
    }
    Verdict verdict = judge(Given.provenance(), Given.sbom(), Given.scanWith(many));
    RuleResult refusal = verdict.blocking().getFirst();
    assertThat(refusal.message())
        .startsWith("290 critical, 0 allowed: ")
        .contains("CVE-2030-00010")
        .doesNotContain("CVE-2030-00009")
        .endsWith("; and 285 more");
    assertThat(refusal.evidence()).hasSizeLessThanOrEqualTo(60);
  }

  static Stream<Arguments> worseScans() {
    return Stream.of(
        Arguments.of(
            "no-malicious-packages",
            edit(f -> ((ObjectNode) f.get("annotations").get(0)).put("malicious", true))),
        Arguments.of("no-critical-vulnerabilities", edit(f -> f.remove("annotations"))),
        Arguments.of(
            "no-critical-vulnerabilities",
            edit(f -> {
              f.remove("annotations");
              f.putArray("severity").addObject().put("method", "CVSS_V3").put("score", "9.8");
            })));
  }

  @ParameterizedTest
  @MethodSource("worseScans")
  void findingsInOtherShapesAreNotLost(String rule, Consumer<ObjectNode> edit) {
    ObjectNode finding = Given.log4shell();
    edit.accept(finding);
    assertThat(blocking(judge(Given.provenance(), Given.sbom(), Given.scanWith(finding))))
        .contains(rule);
  }

  @Test
  void highVulnerabilitiesOnlyWarn() {
    ObjectNode finding = Given.log4shell();
    relevel(finding, "high");
    Verdict verdict = judge(Given.provenance(), Given.sbom(), Given.scanWith(finding));
    assertThat(verdict.allowed()).isTrue();
    assertThat(result(verdict, "few-high-vulnerabilities").outcome()).isEqualTo(Outcome.WARN);
  }

  @Test
  void aDemonstrationSetNeverLooksClean() {
    ObjectNode scan = Given.predicate("scan-clean.json");
    ((ObjectNode) scan.at("/scanner/db")).put("demonstration", true).put("records", 57);
    Verdict verdict = judge(Given.provenance(), Given.sbom(), scan(scan));
    assertThat(verdict.allowed()).isTrue();
    assertThat(result(verdict, "advisories-complete").outcome()).isEqualTo(Outcome.WARN);
    assertThat(result(verdict, "advisories-complete").message())
        .contains("demonstration set, 57 records");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-10-21", "2020-01-01T00:00:00Z"})
  void oldAdvisoriesRefuse(String date) {
    ObjectNode scan = Given.predicate("scan-clean.json");
    ((ObjectNode) scan.at("/scanner/db")).put("date", date);
    assertThat(blocking(judge(Given.provenance(), Given.sbom(), scan(scan))))
        .containsExactly("advisories-fresh");
  }

  @Test
  void advisoriesWithoutADateRefuse() {
    ObjectNode scan = Given.predicate("scan-clean.json");
    ((ObjectNode) scan.at("/scanner/db")).remove(List.of("date", "lastUpdate"));
    assertThat(blocking(judge(Given.provenance(), Given.sbom(), scan(scan))))
        .containsExactly("advisories-fresh");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/scanner/result", "/scanner/db", "/scanner"})
  void aScanThatCannotBeReadIsNoScan(String pointer) {
    ObjectNode scan = Given.predicate("scan-clean.json");
    int slash = pointer.lastIndexOf('/');
    ((ObjectNode) scan.at(pointer.substring(0, slash)))
        .put(pointer.substring(slash + 1), "nonsense");
    Verdict verdict = judge(Given.provenance(), Given.sbom(), scan(scan));
    assertThat(blocking(verdict)).containsExactly("scan-verified");
    assertThat(verdict.blocking().getFirst().message()).contains("cannot be read");
  }

  @Test
  void oneUnreadableScanSpoilsAReadableOne() {
    assertThat(blocking(judge(Given.provenance(), Given.sbom(), Given.scan(), scan(Json.object()))))
        .containsExactly("scan-verified");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AGPL-3.0-only",
        "AGPL-3.0-or-later WITH some-exception",
        "(MIT AND SSPL-1.0)",
        "GNU AGPL-3.0"
      })
  void forbiddenLicencesRefuse(String licence) {
    ObjectNode bom = Given.predicate("cyclonedx.json");
    ((ObjectNode) bom.at("/components/1"))
        .putArray("licenses")
        .addObject()
        .put("expression", licence);
    Verdict verdict =
        judge(Given.provenance(), Given.verified(PredicateTypes.CYCLONEDX, bom), Given.scan());
    assertThat(blocking(verdict)).containsExactly("licences-allowed");
    assertThat(verdict.blocking().getFirst().message())
        .contains("org.slf4j:slf4j-api 2.0.17 in /app/lib/a.jar!b.jar");
  }

  @Test
  void spdxIsReadAsCycloneDxIs() {
    Verdict verdict =
        judge(
            Given.provenance(),
            Given.verified(PredicateTypes.SPDX, Given.predicate("spdx.json")),
            Given.scan());
    assertThat(blocking(verdict)).containsExactly("licences-allowed");
    assertThat(verdict.blocking().getFirst().message()).contains("odd 1");
  }

  @Test
  void anEmptySbomRefuses() {
    ObjectNode bom = Given.predicate("cyclonedx.json");
    bom.putArray("components").addObject().put("type", "operating-system").put("name", "debian");
    assertThat(
            blocking(
                judge(
                    Given.provenance(),
                    Given.verified(PredicateTypes.CYCLONEDX, bom),
                    Given.scan())))
        .containsExactly("sbom-not-empty");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"sha1\": \"2222222222222222222222222222222222222222\"}",
        "{\"md5\": \"22\"}"
      })
  void anInputWithoutAStrongDigestRefuses(String digests) {
    ObjectNode provenance = Given.predicate("provenance.json");
    ((ObjectNode) provenance.at("/buildDefinition/resolvedDependencies/1"))
        .set("digest", Given.json(digests));
    Verdict verdict =
        judge(
            Given.verified(PredicateTypes.SLSA_PROVENANCE_V1, provenance),
            Given.sbom(),
            Given.scan());
    assertThat(blocking(verdict)).containsExactly("pinned-inputs");
    assertThat(verdict.blocking().getFirst().message()).contains("pkg:oci/debian");
  }

  @Test
  void aDownloadTakenAsFoundRefuses() {
    ObjectNode provenance = Given.predicate("provenance.json");
    ObjectNode base = (ObjectNode) provenance.at("/buildDefinition/resolvedDependencies/1");
    base.putObject("annotations").put("kind", "base-image").put("pinned", false);
    ObjectNode file = (ObjectNode) provenance.at("/buildDefinition/resolvedDependencies/0");
    file.putObject("annotations").put("kind", "file").put("pinned", false);
    Verdict verdict =
        judge(
            Given.verified(PredicateTypes.SLSA_PROVENANCE_V1, provenance),
            Given.sbom(),
            Given.scan());
    assertThat(blocking(verdict)).containsExactly("pinned-inputs");
    assertThat(verdict.blocking().getFirst().message()).endsWith("without: pkg:oci/debian");
  }

  @Test
  void whatTheCataloguerCouldNotReadIsAWarning() {
    ObjectNode bom = Given.predicate("cyclonedx.json");
    ((ObjectNode) bom.get("metadata"))
        .putArray("properties")
        .addObject()
        .put("name", "bulla:warning")
        .put("value", "rpm database of an old kind");
    Verdict verdict =
        judge(Given.provenance(), Given.verified(PredicateTypes.CYCLONEDX, bom), Given.scan());
    assertThat(verdict.allowed()).isTrue();
    assertThat(result(verdict, "sbom-complete").outcome()).isEqualTo(Outcome.WARN);
    assertThat(result(verdict, "sbom-complete").message()).contains("rpm database of an old kind");
  }

  @Test
  void anotherBuilderRefusesOnceOneIsExpected() {
    ObjectNode params = Json.object();
    params.putArray("builderIds").add("https://bulla.dev/builder/company/*");
    PolicyBundle strict = POST.withParams(params);
    assertThat(strict.digest()).isNotEqualTo(POST.digest());
    Verdict verdict =
        POLICY.evaluate(
            strict, Given.facts(Given.provenance(), Given.sbom(), Given.scan()), Given.NOW);
    assertThat(blocking(verdict)).containsExactly("builder-expected");
    assertThat(verdict.policyDigest()).isEqualTo(strict.digest());
  }

  @Test
  void aTemplateWithPinnedInputsPasses() {
    Verdict verdict = POLICY.evaluate(PRE, Given.templateFacts(Given.template()), Given.NOW);
    assertThat(verdict.results()).allSatisfy(r -> assertThat(r.outcome()).isEqualTo(Outcome.PASS));
    assertThat(verdict.name()).isEqualTo("hello");
    assertThat(verdict.subject()).isEmpty();
  }

  static Stream<Arguments> worseTemplates() {
    return Stream.of(
        Arguments.of(
            "downloads-pinned", edit(t -> ((ObjectNode) t.at("/inputs/2")).put("pinned", false))),
        Arguments.of(
            "downloads-pinned", edit(t -> ((ObjectNode) t.at("/inputs/2")).remove("pinned"))),
        Arguments.of(
            "inputs-resolved", edit(t -> ((ObjectNode) t.at("/inputs/1")).put("digest", ""))),
        Arguments.of(
            "inputs-resolved", edit(t -> ((ObjectNode) t.at("/inputs/1")).remove("digest"))),
        Arguments.of("base-pinned", edit(t -> ((ObjectNode) t.get("base")).put("pinned", false))),
        Arguments.of("base-pinned", edit(t -> ((ObjectNode) t.get("base")).remove("digest"))));
  }

  @ParameterizedTest
  @MethodSource("worseTemplates")
  void anUnpinnedInputRefuses(String rule, Consumer<ObjectNode> edit) {
    ObjectNode template = Given.template();
    edit.accept(template);
    Verdict verdict = POLICY.evaluate(PRE, Given.templateFacts(template), Given.NOW);
    assertThat(blocking(verdict)).contains(rule);
  }

  @Test
  void aBaseThatIsNotAllowedRefuses() {
    ObjectNode params = Json.object();
    params.putArray("allowedBases").add("*repository_url=harbour.example/*");
    Verdict verdict =
        POLICY.evaluate(PRE.withParams(params), Given.templateFacts(Given.template()), Given.NOW);
    assertThat(blocking(verdict)).containsExactly("base-allowed");
  }

  @Test
  void withoutATemplateTheFirstGateRefuses() {
    Facts facts = new FactsBuilder(Phase.BUILD_PRE, Given.NOW).build();
    assertThat(POLICY.evaluate(PRE, facts, Given.NOW).allowed()).isFalse();
  }

  @Test
  void theSecondGateJudgesDeploymentsToo() {
    Facts facts =
        new FactsBuilder(Phase.DEPLOY, Instant.parse("2027-11-21T12:00:00Z"))
            .subject(Given.SUBJECT)
            .verification(Given.verification(Given.provenance(), Given.sbom(), Given.scan()))
            .build();
    assertThat(blocking(POLICY.evaluate(PolicyBundle.builtin("deploy"), facts, Given.NOW)))
        .containsExactly("advisories-fresh");
  }

  private static void relevel(ObjectNode finding, String level) {
    ((ObjectNode) finding.at("/severity/0")).put("score", level);
    ((ObjectNode) finding.at("/annotations/0")).put("level", level);
  }

  private static Consumer<ObjectNode> edit(Consumer<ObjectNode> edit) {
    return edit;
  }

  private static SignatureRecord scan(ObjectNode predicate) {
    return Given.verified(PredicateTypes.VULNERABILITIES_V02, predicate);
  }

  private static Verdict judge(SignatureRecord... records) {
    return POLICY.evaluate(POST, Given.facts(records), Given.NOW);
  }

  private static List<String> blocking(Verdict verdict) {
    return verdict.blocking().stream().map(RuleResult::id).toList();
  }

  private static RuleResult result(Verdict verdict, String id) {
    return verdict.results().stream().filter(r -> r.id().equals(id)).findFirst().orElseThrow();
  }
}
