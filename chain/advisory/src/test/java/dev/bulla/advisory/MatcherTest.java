package dev.bulla.advisory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.advisory.Matcher.Decision;
import dev.bulla.inventory.Component;
import dev.bulla.inventory.Inventory;
import dev.bulla.inventory.Inventory.Distribution;
import dev.bulla.inventory.Location;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MatcherTest {
  @TempDir Path dir;

  @Test
  void recordsThatAreAliasesMakeOneFinding() {
    ScanReport report =
        match(
            inventory(TruthInventory.component("npm", "left", "1.0.0")),
            Records.record(
                "GHSA-1",
                "npm",
                "left",
                "1.2.0",
                "\"aliases\":[\"CVE-2026-1\"],\"summary\":\"Bad\",\"database_specific\":{\"severity\":\"HIGH\"}"),
            Records.record("SNYK-1", "npm", "left", "1.1.0", "\"aliases\":[\"GHSA-1\"]"));
    Finding finding = report.findings().getFirst();
    assertThat(report.findings()).hasSize(1);
    assertThat(finding.id()).isEqualTo("CVE-2026-1");
    assertThat(finding.advisories()).containsExactly("GHSA-1", "SNYK-1");
    assertThat(finding.aliases()).containsExactly("CVE-2026-1", "GHSA-1", "SNYK-1");
    assertThat(finding.level()).isEqualTo(Level.HIGH);
    assertThat(finding.summary()).isEqualTo("Bad");
    assertThat(finding.fixedVersions()).containsExactly("1.1.0", "1.2.0");
  }

  @Test
  void anAdvisoryThatBundlesVulnerabilitiesMakesAFindingOfEach() {
    ScanReport report =
        match(
            debian(deb("libssl3", "3.0.1-1+b1", "openssl", "3.0.1-1")),
            Records.record(
                "DSA-1",
                "Debian:12",
                "openssl",
                "3.0.2-1",
                "\"upstream\":[\"CVE-2026-2\",\"CVE-2026-1\"]"),
            Records.record(
                "GHSA-1",
                "npm",
                "x",
                "1",
                "\"aliases\":[\"CVE-2026-1\"],\"database_specific\":{\"severity\":\"LOW\"}"));
    assertThat(report.findings())
        .extracting(Finding::id)
        .containsExactly("CVE-2026-1", "CVE-2026-2");
    Finding first = report.findings().getFirst();
    assertThat(first.advisories()).containsExactly("DSA-1");
    assertThat(first.level()).as("another record of the vulnerability knows").isEqualTo(Level.LOW);
    assertThat(first.component().name()).isEqualTo("libssl3");
    assertThat(first.matched())
        .isEqualTo(new Finding.MatchedPackage("Debian:12", "openssl", "3.0.1-1"));
    assertThat(report.findings().get(1).level()).isEqualTo(Level.UNKNOWN);
  }

  @Test
  void debianIsComparedByTheSourceVersionNotTheRebuildOfTheBinary() {
    String record = Records.record("DSA-1", "Debian:12", "openssl", "3.0.1-1+b1");
    assertThat(match(debian(deb("libssl3", "3.0.1-1+b1", "openssl", "3.0.1-1")), record).findings())
        .hasSize(1);
    assertThat(match(debian(deb("openssl", "3.0.1-1+b1", "", "")), record).findings()).isEmpty();
  }

  @Test
  void otherReleasesOfTheDistributionDoNotCount() {
    assertThat(
            match(
                    debian(deb("openssl", "1.0", "", "")),
                    Records.record("DSA-1", "Debian:11", "openssl", "2.0"),
                    Records.record("DSA-2", "Debian:12", "other", "2.0"))
                .findings())
        .isEmpty();
  }

  @Test
  void alpineIsMatchedByOriginAndBranch() {
    Component component =
        TruthInventory.component(
            "apk",
            "libssl3",
            "3.3.1-r0",
            Optional.empty(),
            Optional.of("openssl"),
            Optional.empty(),
            Optional.empty(),
            "/lib/apk");
    Inventory inventory =
        inventory(new Distribution("alpine", "3.20.3", Optional.empty(), ""), component);
    ScanReport report =
        match(
            inventory,
            Records.record(
                "ALPINE-CVE-2026-1",
                "Alpine:v3.20",
                "openssl",
                "3.3.2-r0",
                "\"upstream\":[\"CVE-2026-1\"]"),
            Records.record(
                "ALPINE-CVE-2026-2",
                "Alpine:v3.19",
                "openssl",
                "3.3.2-r0",
                "\"upstream\":[\"CVE-2026-2\"]"));
    assertThat(report.findings()).extracting(Finding::id).containsExactly("CVE-2026-1");
    assertThat(report.findings().getFirst().fixedVersions()).containsExactly("3.3.2-r0");
  }

  @Test
  void anRpmEpochMayComeFromThePurl() {
    Component component =
        TruthInventory.component(
            "rpm",
            "nodejs",
            "18.1-1.el9",
            Optional.of("pkg:rpm/almalinux/nodejs@18.1-1.el9?epoch=1"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            "/var/lib/rpm");
    Inventory inventory =
        inventory(new Distribution("almalinux", "9.4", Optional.empty(), ""), component);
    assertThat(
            match(inventory, Records.record("ALSA-1", "AlmaLinux:9", "nodejs", "1:17.0-1.el9"))
                .findings())
        .isEmpty();
    assertThat(
            match(inventory, Records.record("ALSA-1", "AlmaLinux:9", "nodejs", "1:19.0-1.el9"))
                .findings())
        .hasSize(1);
  }

  @Test
  void aLanguagePackageOfADistributionIsSuppressedWithItsOwner() {
    Component owned =
        TruthInventory.component(
            "pypi",
            "urllib3",
            "1.0",
            Optional.of("pkg:pypi/urllib3@1.0"),
            Optional.empty(),
            Optional.empty(),
            Optional.of("pkg:deb/debian/python3-urllib3@1.0-1"),
            "/usr/lib/x");
    ScanReport report = match(debian(owned), Records.record("PYSEC-1", "PyPI", "urllib3", "2.0"));
    assertThat(report.findings()).isEmpty();
    assertThat(report.suppressed()).hasSize(1);
    assertThat(report.suppressed().getFirst().owner())
        .isEqualTo("pkg:deb/debian/python3-urllib3@1.0-1");
    assertThat(report.suppressed().getFirst().id()).isEqualTo("PYSEC-1");
  }

  @Test
  void unreadableVersionsAreListedAndNotDropped() {
    ScanReport report =
        match(
            inventory(TruthInventory.component("golang", "example.com/x", "(devel)")),
            Records.record("GO-1", "Go", "example.com/x", "1.0.0"));
    assertThat(report.findings()).isEmpty();
    assertThat(report.undecided()).hasSize(1);
    assertThat(report.undecided().getFirst().advisory()).isEqualTo("GO-1");
    assertThat(report.undecided().getFirst().reason())
        .isEqualTo("version '(devel)' is not a Go version");
  }

  @Test
  void anUnknownEcosystemIsReportedAndNeverMatched() {
    ScanReport report =
        match(
            inventory(TruthInventory.component("npm", "left", "1.0.0")),
            Records.record("X-1", "Middle-earth", "left", "2.0.0"),
            Records.record("X-2", "Middle-earth:3", "left", "2.0.0"),
            Records.record("X-3", "NuGet", "left", "2.0.0"),
            Records.record("X-4", "npm", "right", "2.0.0"));
    assertThat(report.findings()).isEmpty();
    assertThat(report.set().records()).isEqualTo(4);
    assertThat(report.warnings())
        .containsExactly(
            "unknown ecosystem 'Middle-earth' in 2 records of the advisory set: never matched");
  }

  @Test
  void saysWhatWasNotJudged() {
    ScanReport report =
        match(
            inventory(
                TruthInventory.component("npm", "left", "1.0.0"),
                TruthInventory.component("pypi", "a", "1"),
                TruthInventory.component("pypi", "b", "1"),
                TruthInventory.component("maven", "unknown.jar", ""),
                TruthInventory.component("deb", "bash", "1"),
                TruthInventory.component("generic", "thing", "1")),
            Records.record("GHSA-1", "npm", "left", "0.5.0"));
    assertThat(report.components()).isEqualTo(6);
    assertThat(report.matched()).isEqualTo(1);
    assertThat(report.warnings())
        .containsExactly(
            "1 component not judged: Java archives of unknown origin",
            "1 component not judged: no advisories are known for packages of type 'generic'",
            "1 component not judged: the distribution of its packages was not recognised",
            "2 components not judged: the advisory set holds no record for PyPI");
  }

  @Test
  void aDistributionWithoutReleaseIsNotJudged() {
    Inventory inventory =
        inventory(
            new Distribution("debian", "", Optional.empty(), "Debian sid"),
            deb("openssl", "1", "", ""));
    assertThat(match(inventory, Records.record("DSA-1", "Debian:12", "openssl", "2")).warnings())
        .containsExactly(
            "1 component not judged: no advisories are known for distribution 'Debian sid'");
  }

  @Test
  void advisoriesForOtherMavenRepositoriesCountToo() {
    ScanReport report =
        match(
            inventory(TruthInventory.component("maven", "g:a", "1.0")),
            Records.record("X-1", "Maven:https://repo.example/maven", "g:a", "2.0"));
    assertThat(report.findings()).extracting(Finding::id).containsExactly("X-1");
  }

  @Test
  void malwareIsCritical() {
    ScanReport report =
        match(
            inventory(TruthInventory.component("npm", "evil", "1.0.0")),
            Records.record("MAL-2026-1", "npm", "evil", "9.0.0", "\"aliases\":[\"CVE-2026-5\"]"));
    Finding finding = report.findings().getFirst();
    assertThat(finding.malicious()).isTrue();
    assertThat(finding.level()).isEqualTo(Level.CRITICAL);
    assertThat(finding.id()).isEqualTo("MAL-2026-1");
  }

  @Test
  void levelsComeFromWordsThenFromTheNewestVector() {
    String both =
        "\"severity\":[{\"type\":\"CVSS_V3\",\"score\":\"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\"},"
            + "{\"type\":\"CVSS_V4\",\"score\":\"CVSS:4.0/AV:L/AC:H/AT:P/PR:H/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N\"},"
            + "{\"type\":\"CVSS_V3\",\"score\":\"nonsense\"}]";
    assertThat(levelOf(both)).isEqualTo(Level.LOW);
    assertThat(levelOf(both + ",\"database_specific\":{\"severity\":\"MODERATE\"}"))
        .isEqualTo(Level.MEDIUM);
    assertThat(
            levelOf(
                "\"severity\":[{\"type\":\"CVSS_V2\",\"score\":\"AV:N/AC:L/Au:N/C:P/I:P/A:P\"}]"))
        .isEqualTo(Level.HIGH);
    assertThat(
            levelOf(
                "\"severity\":[{\"type\":\"CVSS_V2\",\"score\":\"AV:N/AC:L/Au:N/C:C/I:C/A:C\"}]"))
        .isEqualTo(Level.HIGH);
    assertThat(levelOf("\"severity\":[{\"type\":\"Ubuntu\",\"score\":\"negligible\"}]"))
        .isEqualTo(Level.LOW);
    assertThat(levelOf("\"database_specific\":{\"severity\":\"eleven\"}")).isEqualTo(Level.UNKNOWN);
  }

  @Test
  void placesOfOneComponentAreJoinedAndFindingsOrderedWorstFirst() {
    Component twice =
        new Component(
            "npm",
            "left",
            "1.0.0",
            Optional.of("pkg:npm/left@1.0.0"),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(
                new Location(Optional.empty(), "/b/left", List.of()),
                new Location(Optional.empty(), "/a/x.jar", List.of("left.tgz"))),
            Map.of(),
            Map.of());
    ScanReport report =
        match(
            inventory(twice, TruthInventory.component("npm", "right", "1.0.0")),
            Records.record(
                "GHSA-1", "npm", "left", "2.0.0", "\"database_specific\":{\"severity\":\"LOW\"}"),
            Records.record(
                "GHSA-2",
                "npm",
                "right",
                "2.0.0",
                "\"database_specific\":{\"severity\":\"CRITICAL\"}"),
            Records.record("GHSA-3", "npm", "left", "2.0.0"));
    assertThat(report.findings())
        .extracting(Finding::id)
        .containsExactly("GHSA-2", "GHSA-1", "GHSA-3");
    assertThat(report.findings().get(1).locations())
        .extracting(Location::toString)
        .containsExactly("/a/x.jar!left.tgz", "/b/left");
    assertThat(report.counts()).containsEntry(Level.CRITICAL, 1).containsEntry(Level.HIGH, 0);
  }

  @Test
  void decidesASingleAdvisory() {
    try (AdvisorySet set =
        Records.set(
            dir,
            Records.record("GHSA-1", "npm", "left", "2.0.0"),
            Records.record(
                "GHSA-2", "npm", "left", "2", "\"withdrawn\":\"2026-01-01T00:00:00Z\""))) {
      Advisory advisory = set.find("GHSA-1").orElseThrow();
      assertThat(decide(advisory, "left", "1.0.0")).isEqualTo(Decision.AFFECTED);
      assertThat(decide(advisory, "left", "2.0.0")).isEqualTo(Decision.NOT_AFFECTED);
      assertThat(decide(advisory, "left", "latest")).isEqualTo(Decision.UNDECIDED);
      assertThat(decide(advisory, "right", "1.0.0")).isEqualTo(Decision.NOT_AFFECTED);
      assertThat(decide(set.find("GHSA-2").orElseThrow(), "left", "1.0.0"))
          .isEqualTo(Decision.NOT_AFFECTED);
    }
  }

  private static Decision decide(Advisory advisory, String name, String version) {
    return Matcher.decide(
        advisory, TruthInventory.component("npm", name, version), Optional.empty());
  }

  private Level levelOf(String members) {
    return match(
            inventory(TruthInventory.component("npm", "left", "1.0.0")),
            Records.record("GHSA-1", "npm", "left", "2.0.0", members))
        .findings()
        .getFirst()
        .level();
  }

  private ScanReport match(Inventory inventory, String... records) {
    try (AdvisorySet set = Records.set(dir, records)) {
      return Matcher.match(inventory, set);
    }
  }

  private static Component deb(String name, String version, String source, String sourceVersion) {
    return TruthInventory.component(
        "deb",
        name,
        version,
        Optional.empty(),
        Optional.of(source).filter(text -> !text.isEmpty()),
        Optional.of(sourceVersion).filter(text -> !text.isEmpty()),
        Optional.empty(),
        "/var/lib/dpkg/status");
  }

  private static Inventory debian(Component... components) {
    return inventory(
        new Distribution("debian", "12", Optional.of("bookworm"), "Debian"), components);
  }

  private static Inventory inventory(Component... components) {
    return new Inventory(
        Optional.empty(), "test", Optional.empty(), List.of(components), List.of());
  }

  private static Inventory inventory(Distribution distribution, Component... components) {
    return new Inventory(
        Optional.empty(), "test", Optional.of(distribution), List.of(components), List.of());
  }
}
