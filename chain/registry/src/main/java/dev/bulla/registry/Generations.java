package dev.bulla.registry;

import dev.bulla.store.Changes;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How often something was changed in a repository; what was read under one number is good while
 * that is still the number. Repositories share {@value #SLOTS} numbers by hash; a collision costs a
 * reading, no more. Thread-safe.
 *
 * <p>When several processes share the records, their changes count too: {@link Changes}.
 */
final class Generations {
  private static final int SLOTS = 1024;

  private final Changes changes;
  private final AtomicLongArray own = new AtomicLongArray(SLOTS);

  /**
   * @param changes of other processes, whose topics are the names of the repositories
   */
  Generations(Changes changes) {
    this.changes = changes;
  }

  long of(String repository) {
    return own.get(slot(repository)) + changes.generation(repository);
  }

  /**
   * To be called after the commit of any change that can make what was read wrong; the change marks
   * the repository in its transaction.
   */
  void changed(String repository) {
    own.incrementAndGet(slot(repository));
  }

  private static int slot(String repository) {
    return Math.floorMod(repository.hashCode(), SLOTS);
  }
}
