package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.registry.Progress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Keeps replications up to date for as long as it is open: one thread for each that follows its
 * source, which asks the source whether something happened and runs a pass then.
 */
public final class Follower implements AutoCloseable {
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration QUIET = Duration.ofSeconds(10);
  private static final Duration WITHOUT_FEED = Duration.ofSeconds(60);
  private static final Duration LONGEST = Duration.ofMinutes(2);
  private static final Duration END = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final int WAIT_SECONDS = 3;

  /** Before a source has said how much it has written. */
  private static final long UNKNOWN = -1;

  private final Replications replications;
  private final Function<Replication, Source> sources;
  private final Map<Long, Thread> threads = new HashMap<>();
  private final Thread main;

  private Follower(Replications replications, Function<Replication, Source> sources) {
    this.replications = replications;
    this.sources = sources;
    this.main = Thread.ofVirtual().name("replication").unstarted(this::run);
  }

  public static Follower start(Replications replications, Function<Replication, Source> sources) {
    Follower follower = new Follower(replications, sources);
    follower.main.start();
    return follower;
  }

  private void run() {
    try {
      while (true) {
        employ();
        Thread.sleep(LOOK);
      }
    } catch (InterruptedException e) {
      threads.values().forEach(Thread::interrupt);
      Thread.currentThread().interrupt();
    }
  }

  /** A thread for each that is to be followed and has none. */
  private void employ() {
    threads.values().removeIf(thread -> !thread.isAlive());
    Map<Long, Replication> wanted;
    try {
      wanted =
          replications.all().stream()
              .filter(Replication::follow)
              .collect(Collectors.toMap(Replication::id, one -> one));
    } catch (BullaException e) {
      return; // the records cannot be read just now
    }
    wanted.forEach((id, one) ->
        threads.computeIfAbsent(
            id,
            any -> Thread.ofVirtual().name("replication-" + one.glob()).start(() -> follow(one))));
  }

  /** Until it is interrupted, or the replication was changed or ended: then another begins. */
  private void follow(Replication first) {
    long failures = 0;
    long written = UNKNOWN;
    try {
      while (true) {
        try {
          Optional<Replication> current = replications.find(first.glob());
          if (current.filter(one -> one.follow() && one.id() == first.id()).isEmpty()) {
            return;
          }
          replications.run(current.get(), failures > 0, Progress.UNHEARD);
          Thread.sleep(PAUSE); // whatever the source says of itself
          written = awaitChange(current.get(), written);
          failures = 0;
        } catch (BullaException e) {
          boolean elsewhere = e.code() == ErrorCode.CONFLICT; // another process does it
          failures = elsewhere ? 0 : failures + 1;
          if (!elsewhere && !Thread.currentThread().isInterrupted()) {
            System.getLogger("bulla.registry")
                .log(
                    System.Logger.Level.WARNING,
                    "replication of " + first.glob() + ": " + e.reason());
          }
          long seconds = elsewhere ? QUIET.toSeconds() : 1L << Math.min(failures, 7);
          Thread.sleep(Duration.ofSeconds(Math.min(seconds, LONGEST.toSeconds())));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns when the source says that something happened, and otherwise after a while. */
  private long awaitChange(Replication one, long written) throws InterruptedException {
    try (Source source = sources.apply(one)) {
      Optional<Source.Feeds> feeds = source.feeds(one.glob(), Math.max(0, written), 0);
      if (feeds.isEmpty()) {
        Thread.sleep(WITHOUT_FEED);
        return written;
      }
      if (feeds.get().written() != written) {
        return feeds.get().written(); // a pass at once: something may have come meanwhile
      }
      long until = System.nanoTime() + QUIET.toNanos();
      while (System.nanoTime() < until) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        Thread.sleep(PAUSE); // if it does not wait
        feeds = source.feeds(one.glob(), written, WAIT_SECONDS);
        if (feeds.isEmpty() || feeds.get().written() != written) {
          return feeds.map(Source.Feeds::written).orElse(UNKNOWN);
        }
      }
      return written;
    }
  }

  /**
   * Waits until steps that are under way have ended, since the records are closed next; what a
   * source is asked for is broken off.
   */
  @Override
  public void close() throws InterruptedException {
    main.interrupt();
    main.join(END);
    long until = System.nanoTime() + END.toNanos();
    threads.values().forEach(Thread::interrupt);
    for (Thread thread : threads.values()) {
      thread.join(Duration.ofNanos(Math.max(1, until - System.nanoTime())));
    }
  }
}
