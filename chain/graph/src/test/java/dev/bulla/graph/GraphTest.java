package dev.bulla.graph;

import static dev.bulla.graph.Samples.NOON;
import static dev.bulla.graph.Samples.advisories;
import static dev.bulla.graph.Samples.failed;
import static dev.bulla.graph.Samples.log4j;
import static dev.bulla.graph.Samples.log4shell;
import static dev.bulla.graph.Samples.maven;
import static dev.bulla.graph.Samples.osv;
import static dev.bulla.graph.Samples.ownedBy;
import static dev.bulla.graph.Samples.passed;
import static dev.bulla.graph.Samples.release;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.advisory.AdvisorySet;
import dev.bulla.advisory.PackageQuery;
import dev.bulla.core.verdict.RuleResult;
import dev.bulla.graph.Answer.Change;
import dev.bulla.graph.Answer.Content;
import dev.bulla.graph.Answer.Exposure;
import dev.bulla.graph.Answer.Status;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GraphTest {
  private static final PackageQuery LOG4J =
      PackageQuery.parse("pkg:maven/org.apache.logging.log4j/log4j-core");

  @TempDir Path folder;
  private Graph graph;
  private AdvisorySet log4shell;

  @BeforeEach
  void open() {
    graph = Samples.emptyGraph(folder);
    log4shell = advisories(folder, log4shell("2021-12-10T00:00:00Z", ""));
  }

  @AfterEach
  void close() {
    graph.close();
    log4shell.close();
  }

  private void recordBoth() {
    graph.record(
        release("localhost:7080/exposed:1.0")
            .holding(log4j("2.14.1"), maven("com.example", "app", "1.0"))
            .scanned(log4shell)
            .build());
    graph.record(
        release("localhost:7080/repaired:1.0")
            .holding(log4j("2.12.3"), maven("com.example", "app", "1.0"))
            .scanned(log4shell)
            .build());
  }

  private static List<String> references(Page<?> page) {
    return page.items().stream()
        .map(item ->
            switch (item) {
              case Content content -> content.release().reference();
              case Exposure exposure -> exposure.release().reference();
              case Answer.Release one -> one.reference();
              default -> throw new AssertionError(item);
            })
        .toList();
  }

  @Test
  void findsEveryReleaseThatHoldsAPackage() {
    recordBoth();

    assertThat(references(graph.releasesWith(LOG4J, Ask.DEFAULT)))
        .containsExactly("localhost:7080/repaired:1.0", "localhost:7080/exposed:1.0");
    assertThat(references(graph.releasesWith(PackageQuery.parse(LOG4J + "@2.14.1"), Ask.DEFAULT)))
        .containsExactly("localhost:7080/exposed:1.0");
    assertThat(
            references(graph.releasesWith(PackageQuery.parse(LOG4J + "@>=2.0,<2.13"), Ask.DEFAULT)))
        .containsExactly("localhost:7080/repaired:1.0");
    assertThat(references(graph.releasesWith(PackageQuery.parse(LOG4J + "@>=2.15"), Ask.DEFAULT)))
        .isEmpty();
  }

  @Test
  void saysWhereThePackageLiesAndWhichDocumentSaysSo() {
    recordBoth();

    Content hit =
        graph.releasesWith(PackageQuery.parse(LOG4J + "@2.14.1"), Ask.DEFAULT).items().getFirst();

    assertThat(hit.places())
        .singleElement()
        .hasToString("/app/app.jar!BOOT-INF/lib/log4j-core-2.14.1.jar")
        .extracting(place -> place.layer().orElseThrow())
        .isEqualTo(Samples.APP_LAYER);
    assertThat(hit.licences()).containsExactly("Apache-2.0");
    assertThat(hit.sources())
        .singleElement()
        .satisfies(source -> {
          assertThat(source.kind()).isEqualTo("https://cyclonedx.org/bom");
          assertThat(source.trust()).isEqualTo(Trust.VERIFIED);
          assertThat(source.authority()).isEqualTo("release key");
        });
  }

  @Test
  void findsOnlyTheAffectedReleaseByAnyNameOfTheVulnerability() {
    recordBoth();
    graph.importAdvisories(log4shell);

    for (String name : List.of("CVE-2021-44228", "GHSA-jfh8-c2jp-5v3q", "cve-2021-44228")) {
      Page<Exposure> page = graph.exposedTo(name, Ask.DEFAULT);
      assertThat(references(page)).as(name).containsExactly("localhost:7080/exposed:1.0");
      Exposure exposure = page.items().getFirst();
      assertThat(exposure.vulnerability()).containsExactly("CVE-2021-44228", "GHSA-jfh8-c2jp-5v3q");
      assertThat(exposure.severity()).isEqualTo("critical");
      assertThat(exposure.fixed()).containsExactly("2.15.0");
      assertThat(exposure.advisories()).containsExactly("GHSA-jfh8-c2jp-5v3q");
      assertThat(exposure.basis()).isEqualTo(Answer.Basis.ADVISORIES);
      assertThat(exposure.component().version()).isEqualTo("2.14.1");
      assertThat(exposure.places()).hasSize(1);
    }
  }

  @Test
  void anAdvisoryThatArrivesLaterFindsWhatWasShippedBefore() {
    AdvisorySet before =
        advisories(
            folder,
            osv("GHSA-old", "2020-01-01T00:00:00Z", "", "Maven", "a:b", "{\"introduced\":\"0\"}"));
    graph.importAdvisories(before);
    graph.record(release("localhost:7080/app:1").holding(log4j("2.14.1")).build());
    assertThat(graph.exposedTo("CVE-2021-44228", Ask.DEFAULT).items()).isEmpty();

    graph.importAdvisories(log4shell);

    assertThat(references(graph.exposedTo("CVE-2021-44228", Ask.DEFAULT)))
        .containsExactly("localhost:7080/app:1");
    before.close();
  }

  @Test
  void aReleaseThatArrivesLaterIsJudgedByTheAdvisoriesOfToday() {
    graph.importAdvisories(log4shell);
    graph.record(release("localhost:7080/app:1").holding(log4j("2.14.1")).build());

    assertThat(references(graph.exposedTo("CVE-2021-44228", Ask.DEFAULT)))
        .containsExactly("localhost:7080/app:1");
  }

  @Test
  void saysWhatHasNotBeenJudgedYet() {
    graph.importAdvisories(log4shell);
    graph.close();
    graph = Graph.open(folder.resolve("graph.db"));
    graph.record(release("localhost:7080/app:1").holding(log4j("2.14.1")).build());

    assertThat(graph.exposedTo("CVE-2021-44228", Ask.DEFAULT).note())
        .contains("1 package versions came later and are not judged yet");

    graph.importAdvisories(log4shell);
    assertThat(references(graph.exposedTo("CVE-2021-44228", Ask.DEFAULT)))
        .containsExactly("localhost:7080/app:1");
  }

  @Test
  void aWithdrawnAdvisoryExposesNothingEvenIfOldScansNameIt() {
    recordBoth();
    graph.importAdvisories(log4shell);
    try (AdvisorySet withdrawn =
        advisories(
            folder, log4shell("2022-01-01T00:00:00Z", "\"withdrawn\":\"2022-01-01T00:00:00Z\","))) {
      graph.importAdvisories(withdrawn);

      Page<Exposure> page = graph.exposedTo("CVE-2021-44228", Ask.DEFAULT);
      assertThat(page.items()).isEmpty();
      assertThat(page.note()).contains("No believed document names a version");
      assertThat(graph.findings("localhost:7080/exposed:1.0", Ask.DEFAULT).items()).isEmpty();
    }
  }

  @Test
  void aVulnerabilityThatOnlyAScanKnowsIsAnsweredFromTheScan() {
    recordBoth();
    try (AdvisorySet other =
        advisories(
            folder,
            osv(
                "GHSA-other",
                "2026-01-01T00:00:00Z",
                "",
                "Maven",
                "a:b",
                "{\"introduced\":\"0\"}"))) {
      graph.importAdvisories(other);

      Page<Exposure> page = graph.exposedTo("CVE-2021-44228", Ask.DEFAULT);
      assertThat(page.items()).extracting(Exposure::basis).containsOnly(Answer.Basis.SCAN);
      assertThat(page.note()).contains("Today's advisories do not speak of it");
    }
  }

  @Test
  void withoutAdvisoriesAnswersWhatTheScansSaidAndSaysSo() {
    recordBoth();

    Page<Exposure> page = graph.exposedTo("GHSA-jfh8-c2jp-5v3q", Ask.DEFAULT);

    assertThat(references(page)).containsExactly("localhost:7080/exposed:1.0");
    assertThat(page.items().getFirst().basis()).isEqualTo(Answer.Basis.SCAN);
    assertThat(page.items().getFirst().sources())
        .extracting(Answer.Source::kind)
        .containsExactly("https://cyclonedx.org/bom", "https://in-toto.io/attestation/vulns/v0.2");
    assertThat(page.note()).contains("No advisories have been imported");
  }

  @Test
  void anUnknownVulnerabilityIsNotTakenForHarmless() {
    recordBoth();
    graph.importAdvisories(log4shell);

    Page<Exposure> page = graph.exposedTo("CVE-1999-0001", Ask.DEFAULT);

    assertThat(page.items()).isEmpty();
    assertThat(page.note())
        .contains("Nothing that is known of the recorded packages goes by the name 'CVE-1999-0001'")
        .contains("advisory set, 1 record");
  }

  @Test
  void anEmptyListOfFindingsSaysWhatItLeavesOpen() {
    graph.importAdvisories(log4shell);
    graph.record(
        release("localhost:7080/app:1")
            .holding(
                maven("a", "b", "1"),
                Samples.component("npm", "left-pad", "1", "pkg:npm/left-pad@1", "/x"),
                Samples.component("npm", "right-pad", "1", "pkg:npm/right-pad@1", "/y"))
            .build());
    graph.record(release("localhost:7080/silent:1").build());
    graph.record(
        release("localhost:7080/unsigned:1")
            .trust(Trust.UNVERIFIED)
            .holding(log4j("2.14.1"))
            .build());

    assertThat(graph.findings("localhost:7080/app:1", Ask.DEFAULT).note())
        .startsWith("Judged by: advisory set, 1 record")
        .endsWith(
            "2 components of localhost:7080/app:1 are of a kind for which these advisories have no"
                + " record.");
    assertThat(graph.findings("localhost:7080/silent:1", Ask.DEFAULT).note())
        .startsWith("No document says what localhost:7080/silent:1 contains.");
    assertThat(
            graph
                .difference("localhost:7080/app:1", "localhost:7080/unsigned:1", Ask.DEFAULT)
                .note())
        .contains(
            "The documents that say what localhost:7080/unsigned:1 contains are not verified");
  }

  @Test
  void aBundlingAdvisoryIsFoundByItsNameAndByTheVulnerabilitiesItCovers() {
    try (AdvisorySet bundle =
        advisories(
            folder,
            osv(
                "DSA-5020-1",
                "2021-12-11T00:00:00Z",
                "\"upstream\":[\"CVE-2021-1\",\"CVE-2021-2\"],",
                "Debian:12",
                "log4j2",
                "{\"introduced\":\"0\"},{\"fixed\":\"2.15.0-1\"}"))) {
      dev.bulla.inventory.Component library =
          Samples.component(
              "deb",
              "log4j2",
              "2.13.3-1",
              "pkg:deb/debian/log4j2@2.13.3-1?arch=all&distro=debian-12",
              "/var/lib/dpkg/status");
      graph.record(release("localhost:7080/deb:1").holding(Samples.debian(library)).build());
      graph.record(release("localhost:7080/other:1").holding(Samples.inventory(library)).build());
      graph.importAdvisories(bundle);

      assertThat(references(graph.exposedTo("CVE-2021-2", Ask.DEFAULT)))
          .containsExactly("localhost:7080/deb:1");
      assertThat(graph.exposedTo("DSA-5020-1", Ask.DEFAULT).items())
          .extracting(exposure -> exposure.vulnerability().getFirst())
          .containsExactlyInAnyOrder("CVE-2021-1", "CVE-2021-2");
    }
  }

  @Test
  void aComponentOfADistributionPackageIsNotJudgedByTheLanguagesFeed() {
    graph.importAdvisories(log4shell);
    graph.record(
        release("localhost:7080/owned:1")
            .holding(ownedBy(log4j("2.14.1"), "pkg:deb/debian/liblog4j2-java@2.14.1-1"))
            .build());
    graph.record(release("localhost:7080/own:1").holding(log4j("2.14.1")).build());

    assertThat(references(graph.exposedTo("CVE-2021-44228", Ask.DEFAULT)))
        .containsExactly("localhost:7080/own:1");
  }

  @Test
  void aRefusedImageIsKeptAndShownApart() {
    graph.importAdvisories(log4shell);
    RuleResult rule = failed("no-critical-vulnerabilities", "log4j-core 2.14.1 has CVE-2021-44228");
    graph.record(
        release("localhost:7080/vulnerable:1")
            .holding(log4j("2.14.1"))
            .refused(passed("sbom-present"), rule)
            .build());
    graph.record(release("localhost:7080/shipped:1").holding(log4j("2.14.1")).build());

    Page<Exposure> exposed = graph.exposedTo("CVE-2021-44228", Ask.DEFAULT);
    assertThat(exposed.items())
        .extracting(one -> one.release().status())
        .containsExactly(Status.SHIPPED, Status.REFUSED);
    assertThat(references(graph.releases(Ask.DEFAULT))).containsExactly("localhost:7080/shipped:1");
    assertThat(graph.evidence("localhost:7080/vulnerable:1", Ask.DEFAULT).items()).hasSize(1);
    assertThat(graph.refusals(Ask.DEFAULT).items())
        .singleElement()
        .satisfies(refusal -> {
          assertThat(refusal.name()).isEqualTo("localhost:7080/vulnerable:1");
          assertThat(refusal.image()).isPresent();
          assertThat(refusal.rules()).hasSize(2).contains(rule);
        });
  }

  @Test
  void aRefusalBeforeThereIsAnImageIsKept() {
    graph.record(
        Samples.verdict("template.yaml", Optional.empty(), failed("pinned-inputs", "no digest")));
    graph.record(Samples.verdict("good.yaml", Optional.empty(), passed("pinned-inputs")));

    assertThat(graph.refusals(Ask.DEFAULT).items())
        .singleElement()
        .satisfies(refusal -> {
          assertThat(refusal.name()).isEqualTo("template.yaml");
          assertThat(refusal.image()).isEmpty();
        });
  }

  @Test
  void whatWasPublishedStaysPublished() {
    graph.record(release("localhost:7080/app:1").holding(log4j("2.14.1")).build());
    graph.record(
        release("localhost:7080/app:1").holding(log4j("2.14.1")).refused(failed("r", "m")).build());

    assertThat(references(graph.releases(Ask.DEFAULT))).containsExactly("localhost:7080/app:1");
    assertThat(graph.refusals(Ask.DEFAULT).items()).hasSize(1);
  }

  @Test
  void factsOfUnverifiedDocumentsCountOnlyWhenAskedFor() {
    graph.importAdvisories(log4shell);
    graph.record(
        release("localhost:7080/app:1").trust(Trust.UNVERIFIED).holding(log4j("2.14.1")).build());

    Page<Content> believed = graph.releasesWith(LOG4J, Ask.DEFAULT);
    assertThat(believed.items()).isEmpty();
    assertThat(believed.note()).contains("Only documents that are not believed");
    assertThat(graph.contents("localhost:7080/app:1", Ask.DEFAULT).note()).contains("not verified");
    assertThat(graph.exposedTo("CVE-2021-44228", Ask.DEFAULT).items()).isEmpty();

    Ask all = Ask.DEFAULT.trusting(Trust.UNVERIFIED);
    assertThat(references(graph.releasesWith(LOG4J, all))).containsExactly("localhost:7080/app:1");
    assertThat(references(graph.exposedTo("CVE-2021-44228", all)))
        .containsExactly("localhost:7080/app:1");
    assertThat(graph.contents("localhost:7080/app:1", all).items().getFirst().sources())
        .extracting(Answer.Source::trust)
        .containsExactly(Trust.UNVERIFIED);
  }

  @Test
  void factsOfRejectedDocumentsNeverCountButTheDocumentIsKept() {
    graph.record(
        release("localhost:7080/app:1").trust(Trust.REJECTED).holding(log4j("2.14.1")).build());

    assertThat(graph.releasesWith(LOG4J, Ask.DEFAULT.trusting(Trust.UNVERIFIED)).items()).isEmpty();
    assertThat(graph.evidence("localhost:7080/app:1", Ask.DEFAULT).items())
        .singleElement()
        .satisfies(evidence -> {
          assertThat(evidence.document().trust()).isEqualTo(Trust.REJECTED);
          assertThat(evidence.document().code()).isPresent();
        });
  }

  @Test
  void theNewestVerificationOfADocumentCounts() {
    graph.record(
        release("localhost:7080/app:1").trust(Trust.VERIFIED).holding(log4j("2.14.1")).build());
    ReleaseRecord later =
        release("localhost:7080/app:1")
            .at(NOON.plusSeconds(60))
            .trust(Trust.REJECTED)
            .holding(log4j("2.14.1"))
            .build();
    graph.record(later);
    assertThat(graph.releasesWith(LOG4J, Ask.DEFAULT).items()).isEmpty();

    // an older outcome that is told late changes nothing
    graph.record(
        release("localhost:7080/app:1").trust(Trust.VERIFIED).holding(log4j("2.14.1")).build());
    assertThat(graph.releasesWith(LOG4J, Ask.DEFAULT).items()).isEmpty();

    graph.record(
        release("localhost:7080/app:1").at(NOON.plusSeconds(120)).holding(log4j("2.14.1")).build());
    assertThat(graph.releasesWith(LOG4J, Ask.DEFAULT).items()).hasSize(1);
  }

  @Test
  void tellsHowTwoReleasesDiffer() {
    graph.importAdvisories(log4shell);
    graph.record(
        release("localhost:7080/app:1")
            .holding(log4j("2.14.1"), maven("a", "gone", "1"), maven("a", "same", "1"))
            .build());
    graph.record(
        release("localhost:7080/app:2")
            .holding(log4j("2.17.1"), maven("a", "fresh", "3"), maven("a", "same", "1"))
            .build());

    assertThat(
            graph.difference("localhost:7080/app:1", "localhost:7080/app:2", Ask.DEFAULT).items())
        .extracting(one ->
            one.change()
                + " "
                + one.name()
                + " "
                + one.before()
                + one.after()
                + one.vulnerability())
        .containsExactly(
            "ADDED a:fresh [][3][]",
            "REMOVED a:gone [1][][]",
            "CHANGED org.apache.logging.log4j:log4j-core [2.14.1][2.17.1][]",
            "FINDING_LOST org.apache.logging.log4j:log4j-core [2.14.1][][CVE-2021-44228,"
                + " GHSA-jfh8-c2jp-5v3q]");
    assertThat(
            graph.difference("localhost:7080/app:2", "localhost:7080/app:1", Ask.DEFAULT).items())
        .extracting(Answer.Difference::change)
        .contains(Change.FINDING_GAINED);
    assertThat(
            graph.difference("localhost:7080/app:1", "localhost:7080/app:1", Ask.DEFAULT).items())
        .isEmpty();
  }

  @Test
  void tellsHowAReleaseWasBuilt() {
    graph.record(
        release("localhost:7080/app:1")
            .builtBy(
                "https://example.org/builder",
                new ReleaseRecord.Material("pkg:docker/base", Optional.of(Samples.digest("base"))),
                new ReleaseRecord.Material("file:app.jar", Optional.empty()))
            .build());

    assertThat(graph.provenance("localhost:7080/app:1", Ask.DEFAULT).items())
        .singleElement()
        .satisfies(one -> {
          assertThat(one.build().builder()).isEqualTo("https://example.org/builder");
          assertThat(one.build().materials()).hasSize(2);
          assertThat(one.source().trust()).isEqualTo(Trust.VERIFIED);
        });
  }
}
