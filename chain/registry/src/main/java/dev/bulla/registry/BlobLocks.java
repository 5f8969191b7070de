package dev.bulla.registry;

import dev.bulla.core.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * Keeps collection away from a blob between the moment its file is published and the moment it is
 * linked.
 *
 * <p>A file and its row cannot change in one transaction. So whoever publishes and links holds the
 * digest shared, and whoever forgets the row and retires the file holds it exclusively. Pushers
 * never wait for each other; collection never waits at all: what is being pushed is no garbage, so
 * it passes over what it cannot have at once. Digests share {@value #SLOTS} locks by hash. This
 * holds because one process writes a home.
 */
final class BlobLocks {
  private static final int SLOTS = 256;

  private final List<ReadWriteLock> slots = new ArrayList<>();

  BlobLocks() {
    for (int i = 0; i < SLOTS; i++) {
      slots.add(new ReentrantReadWriteLock());
    }
  }

  /** Runs {@code work} while no blob of this digest can be collected. */
  <T> T shared(Digest digest, Supplier<T> work) {
    Lock lock = slots.get(slot(digest)).readLock();
    lock.lock();
    try {
      return work.get();
    } finally {
      lock.unlock();
    }
  }

  /** Runs {@code work} on those of {@code digests} that nobody is pushing just now. */
  void exclusive(List<Digest> digests, java.util.function.Consumer<List<Digest>> work) {
    List<Lock> held = new ArrayList<>();
    boolean[] mine = new boolean[SLOTS];
    boolean[] busy = new boolean[SLOTS];
    try {
      List<Digest> free = new ArrayList<>();
      for (Digest digest : digests) {
        int slot = slot(digest);
        if (!mine[slot] && !busy[slot]) {
          Lock lock = slots.get(slot).writeLock();
          mine[slot] = lock.tryLock();
          busy[slot] = !mine[slot];
          if (mine[slot]) {
            held.add(lock);
          }
        }
        if (mine[slot]) {
          free.add(digest);
        }
      }
      if (!free.isEmpty()) {
        work.accept(free);
      }
    } finally {
      held.forEach(Lock::unlock);
    }
  }

  private static int slot(Digest digest) {
    return Math.floorMod(digest.hashCode(), SLOTS);
  }
}
