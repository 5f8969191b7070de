package dev.bulla.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.registry.replication.Follower;
import dev.bulla.registry.replication.Glob;
import dev.bulla.registry.replication.Source;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowerTest {
  @TempDir Path homes;

  /** An empty registry has written nothing, and one that lies says what it likes. */
  @Test
  void aSourceIsNotAskedWithoutEndWhateverItSaysOfItself() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    CountDownLatch twice = new CountDownLatch(2);
    try (TrialRegion east = new TrialRegion("east", homes.resolve("east"));
        TrialRegion west = new TrialRegion("west", homes.resolve("west"))) {
      Source empty =
          new LyingSource(east, new Random(1)) {
            @Override
            public Optional<Feeds> feeds(Glob glob, long since, int waitSeconds) {
              asked.incrementAndGet();
              twice.countDown();
              return Optional.of(new Feeds(0, Map.of()));
            }
          };
      west.follows = true;
      west.pull(empty, "team/*");
      west.forced = Optional.of(empty);
      try (Follower follower = Follower.start(west.replications, any -> empty)) {
        assertThat(twice.await(20, TimeUnit.SECONDS)).isTrue();
        Thread.sleep(250);
        assertThat(asked.get()).isLessThan(12);
      }
    }
  }
}
