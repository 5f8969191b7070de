package dev.bulla.registry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.bulla.store.Changes;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * What was read of repositories lately, within a number of bytes.
 *
 * <p><b>Never stale.</b> Each repository has a generation, which every write that can make an
 * answer wrong raises after its commit and before its answer. An entry carries the generation that
 * was current before its row was read, and counts only while that is still current. So whoever has
 * seen a write answered cannot be given what was read before it, in whatever order the threads ran.
 * Repositories share {@value #SLOTS} generations by hash; a collision costs a reading, no more.
 * Thread-safe.
 *
 * <p>When several processes share the records, their changes count too: {@link Changes}.
 *
 * @param <V> what is read
 */
final class RecentReads<V> {
  private static final int MAX_ENTRY = 256 * 1024;
  private static final int OVERHEAD = 512;
  private static final int SLOTS = 1024;

  private record Key(String repository, String reference) {}

  private record Entry<V>(long generation, V value) {}

  private final Changes changes;
  private final AtomicLongArray generations = new AtomicLongArray(SLOTS);
  private final Cache<Key, Entry<V>> entries;
  private final ToIntFunction<V> size;

  /**
   * @param changes of other processes, whose topics are the names of the repositories
   * @param maxBytes kept at most, entries with their overhead
   * @param size of a value in bytes; large ones are not kept
   */
  RecentReads(Changes changes, long maxBytes, ToIntFunction<V> size) {
    this.changes = changes;
    this.size = size;
    this.entries =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher((Key key, Entry<V> entry) -> OVERHEAD + size.applyAsInt(entry.value()))
            .executor(Runnable::run)
            .build();
  }

  /** What is kept for a tag or digest, or what {@code read} finds in the records. */
  Optional<V> get(String repository, String reference, Supplier<Optional<V>> read) {
    Key key = new Key(repository, reference);
    long generation = generations.get(slot(repository)) + changes.generation(repository);
    Entry<V> known = entries.getIfPresent(key);
    if (known != null && known.generation() == generation) {
      return Optional.of(known.value());
    }
    Optional<V> found = read.get();
    found
        .filter(value -> size.applyAsInt(value) <= MAX_ENTRY)
        .ifPresent(value -> entries.put(key, new Entry<>(generation, value)));
    return found;
  }

  /**
   * To be called after the commit of any change that can make what was read wrong; the change marks
   * the repository in its transaction.
   */
  void changed(String repository) {
    generations.incrementAndGet(slot(repository));
  }

  private static int slot(String repository) {
    return Math.floorMod(repository.hashCode(), SLOTS);
  }
}
