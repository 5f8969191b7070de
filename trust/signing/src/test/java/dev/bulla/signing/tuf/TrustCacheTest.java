package dev.bulla.signing.tuf;

import static dev.bulla.signing.tuf.TestRepository.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cache of {@code bulla trust root}, with a repository in a directory. */
class TrustCacheTest {
  private final TestRepository repository = new TestRepository();
  @TempDir Path temp;
  private Path mirror;
  private Path place;
  private TrustSource source;

  @BeforeEach
  void mirrored() {
    mirror = temp.resolve("mirror");
    place = temp.resolve("cache");
    source = TrustSource.of(mirror.toUri());
    mirrorAgain();
  }

  private void mirrorAgain() {
    write(mirror, repository.metadata);
    write(mirror.resolve("targets"), repository.targets);
  }

  private static void write(Path directory, Map<String, byte[]> files) {
    try {
      Files.createDirectories(directory);
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        Files.write(directory.resolve(file.getKey()), file.getValue());
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private TrustCache cache(Instant now) {
    return new TrustCache(place, () -> now);
  }

  private KeptTrust begun() {
    return cache(NOW).init(source, repository.firstRoot(), false);
  }

  private static void refused(ErrorCode code, ThrowingCallable work) {
    assertThatThrownBy(work)
        .isInstanceOfSatisfying(BullaException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void whatWasFetchedIsThereWithoutTheRepository() throws IOException {
    assertThat(begun().fileNames()).containsExactly(TrustCache.TRUSTED_ROOT);
    Files.move(mirror, temp.resolve("gone"));
    KeptTrust kept = cache(NOW).kept().orElseThrow();
    assertThat(kept.file(TrustCache.TRUSTED_ROOT).orElseThrow()).asString().isEqualTo("the root");
    assertThat(kept.source()).isEqualTo(source);
    assertThat(kept.refreshedAt()).isEqualTo(NOW);
    assertThat(kept.age(NOW.plusSeconds(60))).isEqualTo(Duration.ofMinutes(1));
    assertThat(kept.expires()).isEqualTo(NOW.plus(Duration.ofDays(7)));
    assertThat(kept.roles())
        .extracting(RoleState::name)
        .containsExactly("root", "timestamp", "snapshot", "targets");
    refused(ErrorCode.TRUST_REPOSITORY_UNAVAILABLE, () -> cache(NOW).update());
    assertThat(cache(NOW).kept()).isPresent();
  }

  @Test
  void anUpdateTakesWhatIsNewAndSaysWhen() {
    begun();
    repository.offer(TrustCache.TRUSTED_ROOT, "newer".getBytes(StandardCharsets.UTF_8));
    repository.offer(TrustCache.SIGNING_CONFIG, "config".getBytes(StandardCharsets.UTF_8));
    repository.next("targets", "snapshot", "timestamp");
    mirrorAgain();
    KeptTrust kept = cache(NOW.plusSeconds(3600)).update();
    assertThat(kept.file(TrustCache.TRUSTED_ROOT).orElseThrow()).asString().isEqualTo("newer");
    assertThat(kept.file(TrustCache.SIGNING_CONFIG)).isPresent();
    assertThat(kept.refreshedAt()).isEqualTo(NOW.plusSeconds(3600));
  }

  @Test
  void trustThatIsTooOldIsNotUsedWithoutAsking() {
    KeptTrust kept = begun();
    Instant limit = kept.expires().plus(KeptTrust.GRACE);
    assertThatCode(() -> kept.checkUsable(limit)).doesNotThrowAnyException();
    assertThatCode(() -> kept.checkUsable(NOW.minusSeconds(60))).doesNotThrowAnyException();
    refused(ErrorCode.TRUST_METADATA_EXPIRED, () -> kept.checkUsable(limit.plusMillis(1)));
    refused(
        ErrorCode.TRUST_METADATA_EXPIRED, () -> kept.checkUsable(NOW.minus(Duration.ofDays(1))));
    assertThat(kept.age(NOW.minusSeconds(1))).isZero();
  }

  @Test
  void aKeptFileThatWasChangedIsRefused() throws IOException {
    begun();
    Path file = place.resolve("trust.json");
    String was = Files.readString(file);
    TestRepository other = new TestRepository();
    other.next("snapshot");
    for (String wrong :
        new String[] {
          was.replaceFirst("(\"trusted_root.json\" : \")....", "$1AAAA"),
          was.replaceFirst("(\"timestamp\" : \")[^\"]*", "$1e30="),
          was.replaceFirst("(\"targets\" : \")[^\"]*", "$1"),
          was.replaceFirst("\"version\" : 1", "\"version\" : 2"),
          was.replaceFirst(
              "(\"snapshot\" : \")[^\"]*",
              "$1"
                  + java.util.Base64.getEncoder()
                      .encodeToString(other.metadata.get("2.snapshot.json"))),
          was.substring(0, was.length() / 2),
          "[]"
        }) {
      Files.writeString(file, wrong);
      refused(ErrorCode.TRUST_METADATA_INVALID, () -> cache(NOW).kept());
    }
  }

  @Test
  void beginningAnewMustBeAskedFor() {
    begun();
    refused(ErrorCode.CONFLICT, this::begun);
    repository.next("timestamp");
    mirrorAgain();
    assertThat(cache(NOW).init(source, repository.firstRoot(), true).roles())
        .contains(new RoleState("timestamp", 2, NOW.plus(Duration.ofDays(7))));
  }

  @Test
  void aRootThatIsNotSignedIsNoBeginning() {
    byte[] root =
        new String(repository.firstRoot(), StandardCharsets.UTF_8)
            .replace("\"version\":1", "\"version\":2")
            .getBytes(StandardCharsets.UTF_8);
    refused(ErrorCode.TRUST_ROOT_INVALID, () -> cache(NOW).init(source, root, false));
    refused(ErrorCode.TRUST_ROOT_INVALID, () -> cache(NOW).init(source, new byte[] {'{'}, false));
    assertThat(place).doesNotExist();
    refused(ErrorCode.TRUST_ROOT_INVALID, () -> cache(NOW).update());
  }

  @Test
  void aRepositoryWithoutTrustedRootIsNoSigstore() {
    ((tools.jackson.databind.node.ObjectNode) repository.role("targets").get("targets"))
        .removeAll();
    repository.next("targets", "snapshot", "timestamp");
    mirrorAgain();
    refused(ErrorCode.TRUST_ROOT_INVALID, this::begun);
    assertThat(cache(NOW).kept()).isEmpty();
  }

  @Test
  void aRunThatEndedHalfwayLeavesWhatWasWhole() {
    begun();
    repository.next("root", "targets", "snapshot", "timestamp");
    byte[] held = repository.metadata.remove("2.targets.json");
    mirrorAgain();
    refused(ErrorCode.TRUST_REPOSITORY_UNAVAILABLE, () -> cache(NOW).update());
    assertThat(cache(NOW).kept().orElseThrow().roles())
        .extracting(RoleState::version)
        .containsOnly(1L);
    repository.metadata.put("2.targets.json", held);
    mirrorAgain();
    assertThat(cache(NOW).update().roles()).extracting(RoleState::version).containsOnly(2L);
  }
}
