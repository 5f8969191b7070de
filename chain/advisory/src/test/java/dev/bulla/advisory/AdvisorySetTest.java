package dev.bulla.advisory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdvisorySetTest {
  private static final String ONE = Records.record("GHSA-1", "npm", "left", "1.0.0");
  private static final String TWO = Records.record("PYSEC-2", "PyPI", "Some_Name", "1.0");

  @TempDir Path dir;

  @Test
  void theSameRecordsHaveTheSameDigestHoweverTheyAreKept() throws IOException {
    Path tree = dir.resolve("tree");
    Records.file(tree, "npm/one.json", ONE);
    Records.zip(tree.resolve("python.zip"), "deep/er/two.json", TWO, "README.md", "#");
    Path zip = Records.zip(dir.resolve("all.zip"), "a.json", TWO, "b.json", ONE);
    Path single = Records.file(dir, "one.json", ONE);
    try (AdvisorySet fromTree = AdvisorySet.load(tree);
        AdvisorySet fromZip = AdvisorySet.load(zip);
        AdvisorySet fromFile = AdvisorySet.load(single);
        AdvisorySet fromBoth = AdvisorySet.load(single, zip)) {
      assertThat(fromTree.digest()).isEqualTo(fromZip.digest()).isEqualTo(fromBoth.digest());
      assertThat(fromTree.recordCount()).isEqualTo(2);
      assertThat(fromFile.digest()).isNotEqualTo(fromTree.digest());
      assertThat(fromTree.description()).isEqualTo("advisory set, 2 records");
    }
  }

  @Test
  void findsByPackageInTheSpellingOfTheEcosystem() {
    try (AdvisorySet set = Records.set(dir, ONE, TWO)) {
      assertThat(set.forPackage("npm", "left")).extracting(Advisory::id).containsExactly("GHSA-1");
      assertThat(set.forPackage("npm", "Left")).isEmpty();
      assertThat(set.forPackage("PyPI", "some.name"))
          .extracting(Advisory::id)
          .containsExactly("PYSEC-2");
      assertThat(set.ecosystems()).containsOnlyKeys("npm", "PyPI");
    }
  }

  @Test
  void ofTwoRecordsWithOneIdTheNewerCounts() {
    String newer = ONE.replace("2026-01-01", "2026-06-01").replace("1.0.0", "2.0.0");
    try (AdvisorySet set = Records.set(dir, newer, ONE)) {
      assertThat(set.recordCount()).isEqualTo(1);
      assertThat(set.identity().newestModified()).isEqualTo(Instant.parse("2026-06-01T00:00:00Z"));
      assertThat(
              set.forPackage("npm", "left")
                  .getFirst()
                  .affected()
                  .getFirst()
                  .ranges()
                  .getFirst()
                  .events())
          .extracting(Advisory.Event::version)
          .contains("2.0.0");
    }
  }

  @Test
  void withdrawnRecordsAreFoundByIdOnly() {
    String withdrawn =
        Records.record(
            "GHSA-9",
            "npm",
            "gone",
            "1",
            "\"withdrawn\":\"2026-01-01T00:00:00Z\",\"aliases\":[\"CVE-9\"]");
    try (AdvisorySet set = Records.set(dir, withdrawn)) {
      assertThat(set.forPackage("npm", "gone")).isEmpty();
      assertThat(set.about("CVE-9")).isEmpty();
      assertThat(set.find("GHSA-9")).isPresent();
    }
  }

  @Test
  void aliasesAreSymmetricAndTransitiveWhileUpstreamAndRelatedAreNot() {
    try (AdvisorySet set =
        Records.set(
            dir,
            Records.record(
                "GHSA-1",
                "npm",
                "a",
                "1",
                "\"aliases\":[\"CVE-2026-10\"],\"related\":[\"CVE-2026-99\"]"),
            Records.record("GO-1", "Go", "a", "1", "\"aliases\":[\"CVE-2026-10\",\"CVE-2026-9\"]"),
            Records.record("DSA-1", "Debian:12", "a", "1", "\"upstream\":[\"CVE-2026-10\"]"))) {
      assertThat(set.aliasesOf("CVE-2026-9"))
          .containsExactly("CVE-2026-9", "CVE-2026-10", "GHSA-1", "GO-1");
      assertThat(set.aliasesOf("DSA-1")).containsExactly("DSA-1");
      assertThat(set.about("CVE-2026-9"))
          .extracting(Advisory::id)
          .containsExactly("DSA-1", "GHSA-1", "GO-1");
      assertThat(set.about("CVE-2026-99")).isEmpty();
    }
  }

  @Test
  void theManifestSaysWhatTheSetIs() {
    Records.file(
        dir,
        "set.json",
        "{\"name\":\"Little\",\"date\":\"2026-02-03\",\"demonstration\":true,\"sources\":[]}");
    try (AdvisorySet set = Records.set(dir, ONE)) {
      assertThat(set.description()).isEqualTo("demonstration set, 1 record");
      assertThat(set.identity().date()).hasToString("Optional[2026-02-03]");
    }
  }

  @Test
  void oneBadRecordRefusesTheWholeSetAndIsNamed() {
    Records.file(dir, "bad/worse.json", "{\"id\":\"X\",\"id\":\"X\"}");
    assertThatThrownBy(() -> Records.set(dir, ONE))
        .isInstanceOf(BullaException.class)
        .hasMessageContaining("worse.json")
        .hasMessageContaining("Duplicate");
  }

  @Test
  void refusesWhatIsNotThereOrEmpty() throws IOException {
    assertCode(dir.resolve("nowhere"), ErrorCode.FILE_NOT_FOUND);
    assertCode(dir, ErrorCode.ADVISORY_SET_MISSING);
    assertCode(
        Records.zip(dir.resolve("empty.zip"), "README.md", "#"), ErrorCode.ADVISORY_SET_MISSING);
    assertCode(Records.file(dir, "no.zip", "PK, not really"), ErrorCode.ARCHIVE_INVALID);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../x.json", "a/../../x.json", "/etc/x.json", "..\\x.json", "a\\b.json"})
  void refusesEntriesThatPointOutside(String name) throws IOException {
    assertCode(Records.zip(dir.resolve("evil.zip"), name, ONE), ErrorCode.PATH_ESCAPE);
  }

  @Test
  void refusesABomb() throws IOException {
    Path bomb = Records.zip(dir.resolve("bomb.zip"), "x.json", " ".repeat(40 * 1024 * 1024));
    assertThat(Files.size(bomb)).isLessThan(100_000);
    assertCode(bomb, ErrorCode.ARCHIVE_TOO_LARGE);
  }

  @Test
  void refusesAnEntryThatHoldsMoreThanItClaims() throws IOException {
    Path zip = Records.zip(dir.resolve("liar.zip"), "x.json", ONE);
    byte[] bytes = Files.readAllBytes(zip);
    int central = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("PK\1\2");
    bytes[central + 24] = 10;
    bytes[central + 25] = 0;
    Files.write(zip, bytes);
    assertCode(zip, ErrorCode.ARCHIVE_INVALID);
  }

  @Test
  void refusesTwoEntriesOfOneName() throws IOException {
    Path zip = Records.zip(dir.resolve("twins.zip"), "a.json", ONE, "b.json", TWO);
    String text =
        new String(Files.readAllBytes(zip), StandardCharsets.ISO_8859_1)
            .replace("b.json", "a.json");
    Files.write(zip, text.getBytes(StandardCharsets.ISO_8859_1));
    assertCode(zip, ErrorCode.ARCHIVE_INVALID);
  }

  @Test
  void doesNotFollowLinks() throws IOException {
    Path outside = Records.file(dir, "outside/two.json", TWO);
    Path inside = dir.resolve("inside");
    Records.file(inside, "one.json", ONE);
    Files.createSymbolicLink(inside.resolve("link.json"), outside);
    try (AdvisorySet set = AdvisorySet.load(inside)) {
      assertThat(set.recordCount()).isEqualTo(1);
    }
  }

  @Test
  void noticesARecordThatChangesUnderItsHands() {
    try (AdvisorySet set = Records.set(dir, ONE)) {
      Records.file(dir, "0.json", ONE.replace("1.0.0", "0.0.1"));
      assertThatThrownBy(() -> set.forPackage("npm", "left"))
          .isInstanceOfSatisfying(
              BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DIGEST_MISMATCH));
    }
  }

  @Test
  void refusesAliasesWithoutEnd() {
    StringBuilder aliases = new StringBuilder("\"CVE-0\"");
    for (int i = 1; i < 2000; i++) {
      aliases.append(",\"CVE-").append(i).append('"');
    }
    try (AdvisorySet set =
        Records.set(
            dir, Records.record("GHSA-1", "npm", "a", "1", "\"aliases\":[" + aliases + "]"))) {
      assertThatThrownBy(() -> set.aliasesOf("CVE-7"))
          .isInstanceOfSatisfying(
              BullaException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.ADVISORY_INVALID));
    }
  }

  private static void assertCode(Path source, ErrorCode code) {
    assertThatThrownBy(() -> AdvisorySet.load(source))
        .isInstanceOfSatisfying(BullaException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
