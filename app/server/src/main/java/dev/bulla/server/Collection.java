package dev.bulla.server;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.registry.CollectionRules;
import dev.bulla.registry.Progress;
import dev.bulla.registry.Registry;
import java.time.Duration;

/** Collects what nobody can reach, by the standard rules, once in a while as long as it is open. */
final class Collection implements AutoCloseable {
  private static final Duration FIRST = Duration.ofMinutes(5);
  private static final Duration THEN = Duration.ofHours(6);

  private final Registry registry;
  private final Thread thread;

  private Collection(Registry registry) {
    this.registry = registry;
    this.thread = Thread.ofVirtual().name("collection").unstarted(this::run);
  }

  static Collection start(Registry registry) {
    Collection collection = new Collection(registry);
    collection.thread.start();
    return collection;
  }

  private void run() {
    try {
      Thread.sleep(FIRST);
      while (true) {
        collect();
        Thread.sleep(THEN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void collect() {
    try {
      Progress progress = (stage, done, total) -> requireTime();
      registry.upkeep().retain(registry.retention(), false, progress);
      registry.upkeep().collect(CollectionRules.STANDARD, progress);
    } catch (BullaException e) {
      // somebody else collects or checks just now, or the disk fails: the next time will do
      System.getLogger("bulla.registry").log(System.Logger.Level.WARNING, "collection", e);
    }
  }

  private static void requireTime() {
    if (Thread.currentThread().isInterrupted()) {
      throw new BullaException(ErrorCode.CONFLICT, "the server ends; a later collection goes on");
    }
  }

  /** Waits until a running collection has ended its step: the records are closed next. */
  @Override
  public void close() throws InterruptedException {
    thread.interrupt();
    thread.join(Duration.ofSeconds(8));
  }
}
