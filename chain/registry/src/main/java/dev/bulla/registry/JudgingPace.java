package dev.bulla.registry;

import dev.bulla.core.Digest;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

/**
 * When manifests are judged that something was pushed about: at once, as long as judging one of
 * them takes no more than its share of the time; then once for all that was pushed meanwhile.
 * Otherwise whoever may push evidence could keep the server busy with one image.
 *
 * <p>Each manifest may take {@value #CREDIT_MS} ms at once and a fifth of the time after that, and
 * is judged by one thread at a time because of pushes. What waits is marked by the caller, so that
 * readers have it judged when they ask and nothing is lost with the process. Thread-safe.
 */
final class JudgingPace {
  private static final long CREDIT_MS = 2_000;
  private static final int SHARE = 5;
  private static final long SHORTEST_MS = 50;
  private static final long LONGEST_MS = 2_000;
  private static final int MANY = 10_000;
  private static final long MS = 1_000_000;

  private record Key(String repository, Digest digest) {}

  /** What was spent on one manifest, in nanoseconds, as of a moment. */
  private static final class Spent {
    private long nanos;
    private long at = System.nanoTime();
    private int running;
    private boolean waiting;

    private void settle() {
      long now = System.nanoTime();
      nanos = Math.max(0, nanos - (now - at) / SHARE);
      at = now;
    }

    private boolean isIdle() {
      settle();
      return nanos == 0 && running == 0 && !waiting;
    }
  }

  private final Background background;
  private final Map<Key, Spent> all = new HashMap<>();
  private final Map<String, Integer> owed = new ConcurrentHashMap<>();

  JudgingPace(Background background) {
    this.background = background;
  }

  /**
   * Judges now or later.
   *
   * @param judge does it, here or in a thread of its own; does not throw
   * @param mark notes in the records that it waits; false if that cannot be noted, so that it must
   *     not wait
   */
  void judge(String repository, Digest digest, Runnable judge, BooleanSupplier mark) {
    Key key = new Key(repository, digest);
    if (!begin(key, false)) {
      if (mark.getAsBoolean()) {
        later(key, judge);
        return;
      }
      begin(key, true);
    }
    run(key, judge);
  }

  /** Whether anything of a repository waits to be judged here. */
  boolean owes(String repository) {
    return !owed.isEmpty() && owed.containsKey(repository);
  }

  private synchronized boolean begin(Key key, boolean anyway) {
    if (all.size() > MANY) {
      all.values().removeIf(Spent::isIdle);
    }
    Spent spent = all.computeIfAbsent(key, ignored -> new Spent());
    spent.settle();
    if (!anyway && (spent.running > 0 || spent.nanos >= CREDIT_MS * MS)) {
      return false;
    }
    spent.running++;
    return true;
  }

  private void run(Key key, Runnable judge) {
    long start = System.nanoTime();
    try {
      judge.run();
    } finally {
      end(key, System.nanoTime() - start);
    }
  }

  private synchronized void end(Key key, long nanos) {
    Spent spent = all.computeIfAbsent(key, ignored -> new Spent());
    spent.settle();
    spent.nanos += nanos;
    spent.running--;
    notifyAll();
  }

  private void later(Key key, Runnable judge) {
    long wait;
    synchronized (this) {
      Spent spent = all.computeIfAbsent(key, ignored -> new Spent());
      if (spent.waiting) {
        return; // it will see this, too
      }
      spent.waiting = true;
      owed.merge(key.repository, 1, Integer::sum);
      wait = Math.clamp((spent.nanos / MS - CREDIT_MS) * SHARE, SHORTEST_MS, LONGEST_MS);
    }
    background.start("judging", () -> judgeLater(key, Duration.ofMillis(wait), judge));
  }

  /** What is pushed from here on must be judged again. */
  private synchronized void beginAfterOthers(Key key) throws InterruptedException {
    Spent spent = all.computeIfAbsent(key, ignored -> new Spent());
    while (spent.running > 0) {
      wait();
    }
    spent.waiting = false;
    spent.running++;
  }

  private void judgeLater(Key key, Duration wait, Runnable judge) {
    try {
      if (!background.rest(wait)) {
        return; // it is marked
      }
      beginAfterOthers(key);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    try {
      run(key, judge);
    } finally {
      owed.computeIfPresent(key.repository, (name, count) -> count == 1 ? null : count - 1);
    }
  }
}
