package dev.bulla.server;

import dev.bulla.core.BullaException;
import dev.bulla.registry.Registry;
import java.time.Duration;

/** Has decisions of content trust that ended taken anew once in a while as long as it is open. */
final class TrustSweep implements AutoCloseable {
  private static final Duration FIRST = Duration.ofSeconds(3);
  private static final Duration THEN = Duration.ofMinutes(1);
  private static final int AT_ONCE = 500;

  private final Registry registry;
  private final Thread thread;

  private TrustSweep(Registry registry) {
    this.registry = registry;
    this.thread = Thread.ofVirtual().name("trust-sweep").unstarted(this::run);
  }

  static TrustSweep start(Registry registry) {
    TrustSweep sweep = new TrustSweep(registry);
    sweep.thread.start();
    return sweep;
  }

  private void run() {
    try {
      Thread.sleep(FIRST);
      while (true) {
        sweep();
        Thread.sleep(THEN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void sweep() {
    try {
      registry.trust().sweep(AT_ONCE);
    } catch (BullaException e) {
      // the records cannot be reached just now: the next time will do
      System.getLogger("bulla.registry").log(System.Logger.Level.WARNING, "trust sweep", e);
    }
  }

  /** Waits until a running pass has ended its step: the records are closed next. */
  @Override
  public void close() throws InterruptedException {
    thread.interrupt();
    thread.join(Duration.ofSeconds(8));
  }
}
