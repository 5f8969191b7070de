package dev.bulla.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random schedules of pushes, mounts, deletions, restorations, collection steps, restarts, failing
 * steps and clock jumps, each compared with a model that knows what was acknowledged.
 *
 * <p>{@code -Dbulla.schedules=10000} runs so many instead of for about a second, {@code
 * -Dbulla.seed=N} one.
 */
class InterleavingTest {
  private static final int STEPS = 120;
  private static final long ABOUT_A_SECOND = 1_000_000_000L;

  @TempDir Path directory;

  @Test
  void whatWasAcknowledgedStaysPullableAndTheRestIsFreed() throws Exception {
    long only = Long.getLong("bulla.seed", -1);
    if (only >= 0) {
      run(only);
      return;
    }
    int wanted = Integer.getInteger("bulla.schedules", 0);
    long deadline = System.nanoTime() + ABOUT_A_SECOND;
    int done = 0;
    while (done < wanted || wanted == 0 && (done < 1 || System.nanoTime() < deadline)) {
      run(wanted == 0 ? new Random().nextLong(1L << 40) : done);
      done++;
    }
    System.out.println(done + " schedules of " + STEPS + " steps");
  }

  private void run(long seed) throws IOException {
    Path home = Files.createTempDirectory(directory, "home");
    try (ModelledRegistry model = new ModelledRegistry(home, new Random(seed))) {
      for (int i = 0; i < STEPS; i++) {
        model.step();
      }
      model.settle();
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError("seed " + seed + " (run it alone: -Dbulla.seed=" + seed + ")", e);
    }
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    assertThat(home).doesNotExist();
  }
}
