package dev.bulla.advisory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdvisoryStoreTest {
  private static final String ONE =
      Records.record(
          "GHSA-1", "npm", "left", "1.0.0", "\"aliases\":[\"CVE-2026-1\"],\"summary\":\"One\"");
  private static final String TWO =
      Records.record("DSA-2", "Debian:12", "left", "1.0", "\"upstream\":[\"CVE-2026-1\"]");
  private static final String THREE =
      Records.record("GHSA-3", "npm", "gone", "1", "\"withdrawn\":\"2026-01-01T00:00:00Z\"");

  @TempDir Path home;
  @TempDir Path feed;

  @Test
  void whatWasImportedIsTheCurrentSet() {
    Records.file(
        feed, "set.json", "{\"name\":\"Little\",\"date\":\"2026-02-03\",\"demonstration\":true}");
    AdvisoryStore store = new AdvisoryStore(home.resolve("fresh"));
    assertThat(store.current()).isEmpty();
    try (AdvisorySet loaded = Records.set(feed, ONE, TWO, THREE)) {
      assertThat(store.importFrom(feed)).isEqualTo(loaded.identity());
      try (AdvisorySet stored = store.current().orElseThrow()) {
        assertThat(stored.identity()).isEqualTo(loaded.identity());
        assertThat(stored.ecosystems()).isEqualTo(loaded.ecosystems());
        assertThat(stored.forPackage("npm", "left")).isEqualTo(loaded.forPackage("npm", "left"));
        assertThat(stored.about("CVE-2026-1")).isEqualTo(loaded.about("CVE-2026-1")).hasSize(2);
        assertThat(stored.find("GHSA-3")).isPresent();
        assertThat(stored.forPackage("npm", "gone")).isEmpty();
      }
    }
  }

  @Test
  void theStoredFileIsItselfASourceOfAdvisories() throws IOException {
    Records.set(feed, ONE, TWO).close();
    SetIdentity identity = new AdvisoryStore(home).importFrom(feed);
    try (AdvisorySet again = AdvisorySet.load(files().getFirst())) {
      assertThat(again.identity()).isEqualTo(identity);
    }
  }

  @Test
  void aNewImportReplacesTheCurrentSetAndKeepsTheOld() {
    Records.set(feed, ONE).close();
    AdvisoryStore store = new AdvisoryStore(home);
    SetIdentity old = store.importFrom(feed);
    Records.file(feed, "two.json", TWO);
    SetIdentity current = store.importFrom(feed);
    assertThat(current.digest()).isNotEqualTo(old.digest());
    try (AdvisorySet now = store.current().orElseThrow();
        AdvisorySet before = store.open(old.digest())) {
      assertThat(now.recordCount()).isEqualTo(2);
      assertThat(before.recordCount()).isEqualTo(1);
    }
  }

  @Test
  void equalRecordsMakeEqualFilesAndLeaveNothingElse() throws IOException {
    Records.set(feed, ONE, TWO).close();
    AdvisoryStore store = new AdvisoryStore(home);
    store.importFrom(feed);
    byte[] first = Files.readAllBytes(files().getFirst());
    store.importFrom(feed);
    assertThat(files()).hasSize(1);
    assertThat(Files.readAllBytes(files().getFirst())).isEqualTo(first);
    try (var all = Files.list(home.resolve("advisories"))) {
      assertThat(all).hasSize(2);
    }
  }

  @Test
  void aFailedImportLeavesTheCurrentSetInPlace() {
    Records.set(feed, ONE).close();
    AdvisoryStore store = new AdvisoryStore(home);
    store.importFrom(feed);
    Records.file(feed, "bad.json", "{");
    assertThatThrownBy(() -> store.importFrom(feed)).isInstanceOf(BullaException.class);
    try (AdvisorySet set = store.current().orElseThrow()) {
      assertThat(set.recordCount()).isEqualTo(1);
    }
  }

  @Test
  void whatWasLeftOutOnDemandIsRememberedAndWarnedOf() {
    Records.set(feed, ONE).close();
    Records.file(feed, "bad.json", "{\"id\":\"X\"}");
    AdvisoryStore store = new AdvisoryStore(home);
    store.importReadable(feed);
    try (AdvisorySet set = store.current().orElseThrow()) {
      assertThat(set.recordCount()).isEqualTo(1);
      assertThat(set.leftOut()).hasSize(1);
      assertThat(Matcher.match(TruthInventory.of("small-apk"), set).warnings())
          .anySatisfy(warning ->
              assertThat(warning)
                  .startsWith(
                      "1 record of the advisory set could not be read, left out; the first:"
                          + " bad.json"));
    }
  }

  @Test
  void noticesADamagedStore() throws IOException {
    Records.set(feed, ONE, TWO).close();
    AdvisoryStore store = new AdvisoryStore(home);
    store.importFrom(feed);
    Path file = files().getFirst();
    byte[] bytes = Files.readAllBytes(file);
    for (int i = bytes.length / 10; i < bytes.length / 5; i++) {
      bytes[i] ^= 0x55;
    }
    Files.write(file, bytes);
    assertThatThrownBy(() -> store.current().orElseThrow().forPackage("npm", "left"))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isIn(ErrorCode.STORE_CORRUPT, ErrorCode.ARCHIVE_INVALID));
    Files.writeString(home.resolve("advisories/current"), "nonsense");
    assertCode(store, ErrorCode.STORE_CORRUPT);
    Files.writeString(home.resolve("advisories/current"), "sha256:" + "0".repeat(64));
    assertCode(store, ErrorCode.ADVISORY_SET_MISSING);
  }

  @Test
  void noticesASetUnderTheNameOfAnother() throws IOException {
    Records.set(feed, ONE).close();
    AdvisoryStore store = new AdvisoryStore(home);
    store.importFrom(feed);
    Digest other = Digest.sha256(new byte[0]);
    Files.copy(files().getFirst(), home.resolve("advisories/sha256-" + other.hex() + ".zip"));
    assertThatThrownBy(() -> store.open(other))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_CORRUPT));
  }

  @Test
  void saysThatItCannotWrite() throws IOException {
    Records.set(feed, ONE).close();
    Path file = Files.writeString(home.resolve("advisories"), "in the way");
    assertThatThrownBy(() -> new AdvisoryStore(home).importFrom(feed))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.HOME_UNUSABLE));
    assertThat(file).hasContent("in the way");
  }

  private List<Path> files() throws IOException {
    try (var all = Files.list(home.resolve("advisories"))) {
      return all.filter(path -> path.toString().endsWith(".zip")).sorted().toList();
    }
  }

  private static void assertCode(AdvisoryStore store, ErrorCode code) {
    assertThatThrownBy(store::current)
        .isInstanceOfSatisfying(BullaException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
