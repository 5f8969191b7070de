package dev.bulla.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.cli.Bulla;
import dev.bulla.server.CommandRunner;
import dev.bulla.server.Invocation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class RehearsalTest {
  private static final Duration LONG = Duration.ofHours(1);

  /** What runs commands, and sees which. */
  private static final class Watched implements CommandRunner {
    private final CommandRunner real = new Bulla();
    private final Queue<Invocation> ran = new ConcurrentLinkedQueue<>();

    @Override
    public int run(Invocation invocation) {
      ran.add(invocation);
      return real.run(invocation);
    }

    @Override
    public boolean mayRunResident(Invocation invocation) {
      return real.mayRunResident(invocation);
    }
  }

  @Test
  void verifiesByKeyAndByTrustPolicyAndLeavesNothing() throws Exception {
    Watched commands = new Watched();
    try (Rehearsal rehearsal = Rehearsal.start(commands, () -> LONG, 3)) {
      while (!rehearsal.isOver()) {
        Thread.sleep(5);
      }
      assertThat(rehearsal.done()).isEqualTo(3);
    }
    assertThat(commands.ran.stream().map(Invocation::arguments).map(RehearsalTest::kind))
        .containsExactly("sign", "verify --key", "verify --trust-policy", "verify --key");
    Path place = commands.ran.element().workingDirectory();
    assertThat(Files.exists(place)).isFalse();
  }

  @Test
  void waitsWhileSomebodyWantsSomething() throws Exception {
    Watched commands = new Watched();
    CountDownLatch asked = new CountDownLatch(1);
    Supplier<Duration> idle =
        () -> {
          asked.countDown();
          return Duration.ZERO;
        };
    try (Rehearsal rehearsal = Rehearsal.start(commands, idle, 1)) {
      asked.await();
      assertThat(rehearsal.isOver()).isFalse();
    }
    assertThat(commands.ran).isEmpty();
  }

  @Test
  void canBeLeftOut() {
    Watched commands = new Watched();
    Map<String, String> environment = Map.of(Rehearsal.VARIABLE, "off");
    try (Rehearsal rehearsal = Rehearsal.start(commands, environment, () -> LONG)) {
      assertThat(rehearsal.isOver()).isTrue();
    }
    assertThat(commands.ran).isEmpty();
  }

  private static String kind(List<String> arguments) {
    return arguments.get(0).equals("verify")
        ? arguments.get(0) + " " + arguments.get(1)
        : arguments.get(0);
  }
}
