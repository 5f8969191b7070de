package dev.bulla.registry;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * Work that goes on after the request that began it. It is closed before what the work uses, so
 * that nothing is read or written behind a store that is closed. Thread-safe.
 */
public final class Background implements AutoCloseable {
  /** So long work may take to end by itself, and again after it was interrupted. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Set<Thread> running = new HashSet<>();
  private boolean closed;

  Background() {}

  /** Begins work on a thread of its own; does nothing once this is closed. */
  public synchronized void start(String name, Runnable work) {
    if (closed) {
      return;
    }
    Thread thread =
        Thread.ofVirtual()
            .name(name)
            .unstarted(() -> {
              try {
                work.run();
              } finally {
                ended(Thread.currentThread());
              }
            });
    running.add(thread);
    thread.start();
  }

  /** Waits; false as soon as this is closed. */
  synchronized boolean rest(Duration time) throws InterruptedException {
    long until = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0 && !closed; left = until - System.nanoTime()) {
      wait(left / 1_000_000, (int) (left % 1_000_000));
    }
    return !closed;
  }

  private synchronized void ended(Thread thread) {
    running.remove(thread);
    notifyAll();
  }

  /** Waits until everything has ended; what takes too long is interrupted. */
  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
    try {
      awaitEnd();
      running.forEach(Thread::interrupt);
      awaitEnd();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void awaitEnd() throws InterruptedException {
    long until = System.nanoTime() + PATIENCE.toNanos();
    for (long left = PATIENCE.toMillis(); left > 0 && !running.isEmpty(); ) {
      wait(left);
      left = (until - System.nanoTime()) / 1_000_000;
    }
  }
}
