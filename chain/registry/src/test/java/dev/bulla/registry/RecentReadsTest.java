package dev.bulla.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Digest;
import dev.bulla.store.Changes;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecentReadsTest {
  private final RecentReads<StoredManifest> cache =
      new RecentReads<>(
          new Generations(Changes.NONE), 1_000_000, manifest -> manifest.bytes().length);
  private int reads;

  @Test
  void readsOnceUntilTheRepositoryChanges() {
    read("old");
    assertThat(read("new")).isEqualTo("old");
    assertThat(reads).isEqualTo(1);

    cache.changed("repo");

    assertThat(read("new")).isEqualTo("new");
    assertThat(reads).isEqualTo(2);
  }

  @Test
  void whatWasReadBeforeAChangeIsNotUsedAfterIt() {
    cache.get(
        "repo",
        "tag",
        () -> {
          Optional<StoredManifest> before = Optional.of(manifest("old"));
          cache.changed(
              "repo"); // another thread commits and answers while this one still holds its row
          return before;
        });

    assertThat(read("new")).isEqualTo("new");
  }

  @Test
  void absenceIsNotKept() {
    assertThat(cache.get("repo", "tag", Optional::empty)).isEmpty();
    assertThat(read("new")).isEqualTo("new");
  }

  private String read(String content) {
    return cache
        .get(
            "repo",
            "tag",
            () -> {
              reads++;
              return Optional.of(manifest(content));
            })
        .map(found -> new String(found.bytes(), StandardCharsets.UTF_8))
        .orElseThrow();
  }

  private static StoredManifest manifest(String content) {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    return new StoredManifest("text/plain", Digest.sha256(bytes), bytes);
  }
}
