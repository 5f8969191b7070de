package dev.bulla.registry;

import static dev.bulla.registry.Caller.error;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.registry.replication.Glob;
import dev.bulla.registry.replication.PassReport;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Where a repository has its home, and who may copy it from whom. */
class HomesTest extends TwoRegions {
  /** Two that copy from each other would leave it without a home. */
  @Test
  void theHomeDoesNotCopyWhatIsACopyOfItsOwn() {
    home.putManifest(APP, "first", home.image(APP, 1));
    copy.putManifest("west/app", "own", copy.image("west/app", 1));
    assertThat(west.pull(east, "team/*").complete()).isTrue();

    assertThatThrownBy(() -> east.pull(west, "**"))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_INVALID))
        .hasMessageContaining("copies team/app from this registry");
    assertThat(east.replications.all()).isEmpty();
    home.putManifest(APP, "second", home.image(APP, 2));

    assertThat(east.pull(west, "west/*").complete()).isTrue();
    assertThatThrownBy(() -> west.pull(east, "west/*"))
        .hasMessageContaining("copies west/app from this registry");
  }

  @Test
  void aCopyIsWrittenByNobodyElseUntilTheReplicationEnds() {
    home.putManifest(APP, "v1", home.image(APP, 1));
    west.pull(east, "team/*");
    HttpResponse<byte[]> push = copy.call("POST", "/v2/team/app/blobs/uploads/");
    assertThat(push.statusCode()).isEqualTo(403);
    assertThat(error(push)).isEqualTo("DENIED");
    assertThat(new String(push.body(), StandardCharsets.UTF_8))
        .contains("repository-elsewhere", east.address().getAuthority());
    assertThat(copy.call("DELETE", path("v1"), west.owner()).statusCode()).isEqualTo(403);
    assertThat(copy.call("POST", "/v2/other/app/blobs/uploads/").statusCode()).isEqualTo(202);

    assertThat(west.replications.end("team/*")).isTrue();
    assertThat(copy.call("POST", "/v2/team/app/blobs/uploads/").statusCode()).isEqualTo(202);
    assertThat(get("v1").statusCode()).as("what was brought stays").isEqualTo(200);
  }

  /** An address that was mistyped would keep everybody from pushing. */
  @Test
  void whatNothingEverCameOfIsNotKept() {
    assertThatThrownBy(() -> west.pull(URI.create("http://127.0.0.1:1"), "team/*", ""))
        .hasMessageContaining("is not kept");
    assertThat(west.replications.all()).isEmpty();

    home.putManifest(APP, "first", home.image(APP, 1));
    west.pull(east, "team/*");
    east.close();
    assertThatThrownBy(() -> west.pull(east, "team/*")).hasMessageNotContaining("is not kept");
    assertThat(west.replications.all()).hasSize(1);
  }

  /** East copies from south, south from west, west from east: whoever closes the ring is told. */
  @Test
  void noRingOfAnyLengthLeavesARepositoryWithoutAHome() {
    home.putManifest(APP, "first", home.image(APP, 1));
    try (TrialRegion south = new TrialRegion("south", homes.resolve("south"))) {
      west.pull(east, "team/*");
      assertThat(south.pull(west, "team/*").complete()).isTrue();

      east.follows = true; // so that it would be kept whatever else happens
      assertThatThrownBy(() -> east.pull(south, "team/*"))
          .hasMessageContaining("copies team/app, by way of others, from this registry");
      assertThat(east.replications.all()).isEmpty();
      home.putManifest(APP, "second", home.image(APP, 2));
    }
  }

  @Test
  void aRingThatNobodyCouldSeeWhenItWasClosedIsSeenByThePassesThatFollow() {
    copy.putManifest(APP, "first", copy.image(APP, 1));
    home.putManifest(APP, "other", home.image(APP, 2));
    try (TrialRegion south = new TrialRegion("south", homes.resolve("south"))) {
      south.pull(west, "team/*");
      west.pull(east, "team/*");
      assertThat(east.pull(south, "team/*").complete()).as("south does not know of east").isTrue();

      assertThat(failure(west.pull(east, "team/*"))).contains("from this registry");
      south.pull(west, "team/*");
      assertThat(failure(east.pull(south, "team/*"))).contains("from this registry");
      assertThat(east.replications.end("team/*")).isTrue();
      assertThat(west.pull(east, "team/*").complete()).isTrue();
    }
  }

  private static String failure(PassReport report) {
    return report.repositories().getFirst().failure();
  }

  @Test
  void whatCouldMatchTwoSourcesIsRefusedBeforeAnybodyIsAsked() {
    home.putManifest(APP, "first", home.image(APP, 1));
    west.pull(east, "team/*");
    for (String other : new String[] {"team/app", "**", "*/app", "team/**", "team/*"}) {
      assertThatThrownBy(() -> west.pull(URI.create("http://127.0.0.1:1"), other, ""))
          .as(other)
          .isInstanceOfSatisfying(
              BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
    }
    assertThat(west.replications.all()).hasSize(1);
    assertThat(west.pull(east, "team/app").kept()).as("from the same source").isFalse();
  }

  /** Otherwise whoever answers 404 in its place would do away with checkpoints. */
  @Test
  void aSourceWhoseKeyIsKnownIsNotCopiedWithoutItsSignedFeeds() {
    home.putManifest(APP, "first", home.image(APP, 1));
    LyingSource silent =
        new LyingSource(east, new Random(1)) {
          @Override
          public Optional<Feeds> feeds(Glob glob, long since, int waitSeconds) {
            return Optional.empty();
          }
        };
    west.pull(new LyingSource(east, new Random(1)), "team/*");
    assertThatThrownBy(() -> west.pull(silent, "team/*"))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.REPLICATION_UNTRUSTED));
  }

  /** What it tells would count for more than what it tells when its clock is right again. */
  @Test
  void aRegionWhoseClockIsAheadIsToldSo() {
    home.putManifest(APP, "first", home.image(APP, 1));
    try (TrialRegion early =
        new TrialRegion(
            "early", homes.resolve("early"), () -> Instant.now().plus(Duration.ofHours(2)))) {
      assertThat(failure(early.pull(east, "team/*"))).contains("later than now");
    }
    assertThat(east.regions.describe(APP).path("replicas")).isEmpty();
  }
}
