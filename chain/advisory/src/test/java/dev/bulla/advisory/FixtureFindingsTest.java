package dev.bulla.advisory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.advisory.Finding.MatchedPackage;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Findings against pairs that dpkg, rpm and osv-scanner agree on. {@code advisories.zip} holds
 * those records of the snapshot that name a package of one of the images.
 */
class FixtureFindingsTest {
  private static AdvisorySet set;

  @BeforeAll
  static void loadsTheSnapshot() throws URISyntaxException {
    set =
        AdvisorySet.load(
            Path.of(
                Objects.requireNonNull(FixtureFindingsTest.class.getResource("/advisories.zip"))
                    .toURI()));
  }

  @AfterAll
  static void closes() {
    set.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"small", "small-rpm", "large"})
  void findingsAreExactlyTheExpectedPairs(String image) {
    ScanReport report = Matcher.match(TruthInventory.of(image), set);
    Set<String> found = new TreeSet<>();
    for (Finding finding : report.findings()) {
      MatchedPackage matched = finding.matched();
      for (String advisory : finding.advisories()) {
        found.add(pair(matched.ecosystem(), matched.name(), matched.version(), advisory));
      }
    }
    assertThat(found).containsExactlyElementsOf(expected(image, false));
  }

  @Test
  void findingsOnPackagesThatADistributionOwnsAreSuppressed() {
    ScanReport report = Matcher.match(TruthInventory.of("small"), set);
    Set<String> found =
        report.suppressed().stream()
            .flatMap(one ->
                one.advisories().stream()
                    .map(id -> pair("PyPI", one.component().name(), one.component().version(), id)))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> expected = expected("small", true);
    // the expected file lists this pair once, for the copy of requests that nobody owns
    expected.add("PyPI requests 2.28.1 PYSEC-2023-74");
    assertThat(found).containsExactlyElementsOf(expected);
    assertThat(report.suppressed())
        .allSatisfy(one -> assertThat(one.owner()).startsWith("pkg:deb/debian/"));
  }

  @Test
  void anImageWhoseEcosystemTheSetLacksSaysSo() {
    ScanReport report = Matcher.match(TruthInventory.of("small-apk"), set);
    assertThat(report.findings()).isEmpty();
    assertThat(report.matched()).isZero();
    assertThat(report.warnings())
        .containsExactly(
            "10 components not judged: the advisory set holds no record for Alpine:v3.20");
  }

  @Test
  void equalInputsGiveEqualReports() {
    assertThat(Matcher.match(TruthInventory.of("large"), set))
        .isEqualTo(Matcher.match(TruthInventory.of("large"), set));
  }

  private static Set<String> expected(String image, boolean owned) {
    Set<String> pairs = new TreeSet<>();
    for (JsonNode one :
        TruthInventory.resource("/images/" + image + ".expected.json").path("pairs")) {
      if (one.path("osOwned").asBoolean(false) == owned) {
        String version = one.path("version").asString();
        pairs.add(
            pair(
                one.path("ecosystem").asString(),
                one.path("package").asString(),
                version,
                one.path("id").asString()));
      }
    }
    return pairs;
  }

  private static String pair(String ecosystem, String name, String version, String advisory) {
    String bare =
        ecosystem.equals("Go") && version.startsWith("v") ? version.substring(1) : version;
    return String.join(" ", ecosystem, name, bare, advisory);
  }
}
