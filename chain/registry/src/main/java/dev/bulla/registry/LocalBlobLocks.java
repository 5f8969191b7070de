package dev.bulla.registry;

import dev.bulla.core.Digest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Function;

/** Within the one process that writes a home. Digests share {@value #SLOTS} locks by hash. */
final class LocalBlobLocks implements BlobLocks {
  private static final int SLOTS = 256;

  private final List<ReadWriteLock> slots = new ArrayList<>();

  LocalBlobLocks() {
    for (int i = 0; i < SLOTS; i++) {
      slots.add(new ReentrantReadWriteLock());
    }
  }

  @Override
  public <T> T shared(Digest digest, Function<Held, T> work) {
    Lock lock = slots.get(slot(digest)).readLock();
    lock.lock();
    try {
      return work.apply(handle -> {});
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void exclusive(List<Digest> digests, Consumer<List<Digest>> work) {
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
