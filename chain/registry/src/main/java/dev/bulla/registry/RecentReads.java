package dev.bulla.registry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * What was read of repositories lately, within a number of bytes.
 *
 * <p><b>Never stale.</b> Each repository has a generation ({@link Generations}), which every write
 * that can make an answer wrong raises after its commit and before its answer. An entry carries the
 * generation that was current before its row was read, and counts only while that is still current.
 * So whoever has seen a write answered cannot be given what was read before it, in whatever order
 * the threads ran. Thread-safe.
 *
 * @param <V> what is read
 */
final class RecentReads<V> {
  private static final int MAX_ENTRY = 256 * 1024;
  private static final int OVERHEAD = 512;

  private record Key(String repository, String reference) {}

  private record Entry<V>(long generation, V value) {}

  private final Generations generations;
  private final Cache<Key, Entry<V>> entries;
  private final ToIntFunction<V> size;

  /**
   * @param generations of the repositories
   * @param maxBytes kept at most, entries with their overhead
   * @param size of a value in bytes; large ones are not kept
   */
  RecentReads(Generations generations, long maxBytes, ToIntFunction<V> size) {
    this.generations = generations;
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
    long generation = generations.of(repository);
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

  /** What is kept and still counts; reads nothing. */
  Optional<V> known(String repository, String reference) {
    Entry<V> known = entries.getIfPresent(new Key(repository, reference));
    return known != null && known.generation() == generations.of(repository)
        ? Optional.of(known.value())
        : Optional.empty();
  }

  /** As {@link Generations#changed}. */
  void changed(String repository) {
    generations.changed(repository);
  }
}
