package dev.bulla.graph;

import static dev.bulla.graph.Samples.NOON;
import static dev.bulla.graph.Samples.digest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.advisory.AdvisorySet;
import dev.bulla.advisory.Matcher;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Platform;
import dev.bulla.core.Reference;
import dev.bulla.core.claim.Check;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** From verified statements to answers. */
class ReleaseDraftTest {
  private static final Digest IMAGE = digest("image");
  private static final Reference NAME = Reference.parse("localhost:7080/app:1");

  private static final String SBOM =
      """
      {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
        {"type": "library", "group": "org.apache.logging.log4j", "name": "log4j-core", "version": "2.14.1",
         "purl": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"}]}
      """;

  private static final String PROVENANCE =
      """
      {"buildDefinition": {"buildType": "https://example.org/build/v1", "resolvedDependencies": [
          {"uri": "file:app.jar", "digest": {"sha256": "%s"}},
          {"name": "commit", "digest": {"gitCommit": "0123"}}]},
       "runDetails": {"builder": {"id": "https://example.org/builder"},
          "metadata": {"invocationId": "run 7", "startedOn": "2026-11-21T11:59:00Z"}}}
      """
          .formatted(digest("app.jar").hex());

  @TempDir Path folder;

  private static JsonNode json(String text) {
    return Json.parse(text.getBytes(StandardCharsets.UTF_8), "test");
  }

  private static SignatureRecord verified(Statement statement) {
    return new SignatureRecord(
        digest("manifest " + statement),
        "sigstore-bundle",
        true,
        "release key",
        "sha256:0a",
        Optional.of(NOON),
        List.of(Check.passed("authenticity", "release key")),
        Optional.of(statement));
  }

  private static Descriptor bundle(String text) {
    return Descriptor.of(
        "application/vnd.dev.sigstore.bundle.v0.3+json", text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsTheFactsOutOfVerifiedStatements() {
    try (AdvisorySet set =
            Samples.advisories(folder, Samples.log4shell("2021-12-10T00:00:00Z", ""));
        Graph graph = Samples.emptyGraph(folder)) {
      Statement scan =
          Matcher.match(Samples.inventory(Samples.log4j("2.14.1")), set)
              .toStatement(IMAGE, NOON, "0.1.0");
      ReleaseDraft draft =
          new ReleaseDraft(NAME, IMAGE, NOON)
              .platform(new Platform("linux", "arm64"))
              .created(NOON.minusSeconds(9))
              .add(
                  verified(Statement.about(IMAGE, PredicateTypes.CYCLONEDX, json(SBOM))),
                  bundle("sbom"))
              .add(verified(scan), bundle("scan"))
              .add(
                  verified(
                      Statement.about(IMAGE, PredicateTypes.SLSA_PROVENANCE_V1, json(PROVENANCE))),
                  bundle("provenance"));
      assertThat(draft.warnings()).isEmpty();
      graph.record(draft.build(ReleaseRecord.Decision.PASSED));

      assertThat(graph.contents(NAME.toString(), Ask.DEFAULT).items())
          .singleElement()
          .satisfies(content -> {
            assertThat(content.component().name()).isEqualTo("org.apache.logging.log4j:log4j-core");
            assertThat(content.release().platform()).isEqualTo("linux/arm64");
            assertThat(content.sources().getFirst().document()).isEqualTo(bundle("sbom").digest());
          });
      assertThat(graph.exposedTo("CVE-2021-44228", Ask.DEFAULT).items()).hasSize(1);
      assertThat(graph.provenance(NAME.toString(), Ask.DEFAULT).items())
          .singleElement()
          .satisfies(one -> {
            assertThat(one.build().materials())
                .containsExactly(
                    new ReleaseRecord.Material("file:app.jar", Optional.of(digest("app.jar"))),
                    new ReleaseRecord.Material("commit", Optional.empty()));
            assertThat(one.build().invocation()).isEqualTo("run 7");
          });
      assertThat(graph.evidence(NAME.toString(), Ask.DEFAULT).items())
          .hasSize(3)
          .allSatisfy(one -> assertThat(one.document().trust()).isEqualTo(Trust.VERIFIED));
    }
  }

  @Test
  void aStatementAboutAnotherImageGivesNoFacts() {
    ReleaseDraft draft =
        new ReleaseDraft(NAME, IMAGE, NOON)
            .add(
                verified(Statement.about(digest("other"), PredicateTypes.CYCLONEDX, json(SBOM))),
                bundle("sbom"));

    assertThat(draft.warnings()).singleElement().asString().contains("not about");
    ReleaseRecord record = draft.build(ReleaseRecord.Decision.PASSED);
    assertThat(record.contents()).isEmpty();
    assertThat(record.documents()).hasSize(1);
  }

  @Test
  void anUnreadableStatementDoesNotHideTheOthers() {
    ReleaseDraft draft =
        new ReleaseDraft(NAME, IMAGE, NOON)
            .add(
                verified(
                    Statement.about(
                        IMAGE, PredicateTypes.CYCLONEDX, json("{\"bomFormat\":\"SPDX\"}"))),
                bundle("bad sbom"))
            .add(
                verified(Statement.about(IMAGE, PredicateTypes.VULNERABILITIES_V02, json("{}"))),
                bundle("foreign scan"))
            .add(
                verified(Statement.about(IMAGE, PredicateTypes.SLSA_PROVENANCE_V1, json("{}"))),
                bundle("bad provenance"))
            .add(
                verified(Statement.about(IMAGE, "https://example.org/other", json("{}"))),
                bundle("unknown kind"))
            .add(
                verified(Statement.about(IMAGE, PredicateTypes.CYCLONEDX, json(SBOM))),
                bundle("sbom"));

    assertThat(draft.warnings()).hasSize(3);
    ReleaseRecord record = draft.build(ReleaseRecord.Decision.PASSED);
    assertThat(record.contents()).hasSize(1);
    assertThat(record.documents()).hasSize(5);
  }

  @Test
  void aSignatureThatDoesNotHoldIsKeptAsRejected() {
    SignatureRecord forged =
        new SignatureRecord(
            digest("forged"),
            "sigstore-bundle",
            false,
            "",
            "sha256:ff",
            Optional.empty(),
            List.of(
                Check.failed(
                    "authenticity", ErrorCode.SIGNER_NOT_TRUSTED, "release key", "another key")),
            Optional.empty());

    EvidenceDocument document =
        new ReleaseDraft(NAME, IMAGE, NOON)
            .add(forged, bundle("forged"))
            .build(ReleaseRecord.Decision.FAILED)
            .documents()
            .getFirst();

    assertThat(document.trust()).isEqualTo(Trust.REJECTED);
    assertThat(document.code()).contains(ErrorCode.SIGNER_NOT_TRUSTED);
    assertThat(document.kind()).isEqualTo("signature");
  }
}
