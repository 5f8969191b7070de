package dev.bulla.registry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Supplier;

/**
 * Manifests that were asked for lately, at most {@value #MAX_BYTES} bytes of them.
 *
 * <p><b>Never stale.</b> Each repository has a generation, which every write raises after its
 * commit and before its answer. An entry carries the generation that was current before its row was
 * read, and counts only while that is still current. So whoever has seen a write answered cannot be
 * given what was read before it, in whatever order the threads ran. Repositories share {@value
 * #SLOTS} generations by hash; a collision costs a reading, no more. Thread-safe.
 *
 * <p>This holds because one process writes a home; several over one database need the generations
 * there.
 */
final class ManifestCache {
  private static final int MAX_BYTES = 16 * 1024 * 1024;
  private static final int MAX_ENTRY = 256 * 1024;
  private static final int OVERHEAD = 512;
  private static final int SLOTS = 1024;

  private record Key(String repository, String reference) {}

  private record Entry(long generation, StoredManifest manifest) {}

  private final AtomicLongArray generations = new AtomicLongArray(SLOTS);
  private final Cache<Key, Entry> entries =
      Caffeine.newBuilder()
          .maximumWeight(MAX_BYTES)
          .weigher((Key key, Entry entry) -> OVERHEAD + entry.manifest().bytes().length)
          .executor(Runnable::run)
          .build();

  /** What is kept for a tag or digest, or what {@code read} finds in the records. */
  Optional<StoredManifest> get(
      String repository, String reference, Supplier<Optional<StoredManifest>> read) {
    Key key = new Key(repository, reference);
    long generation = generations.get(slot(repository));
    Entry known = entries.getIfPresent(key);
    if (known != null && known.generation() == generation) {
      return Optional.of(known.manifest());
    }
    Optional<StoredManifest> found = read.get();
    found
        .filter(manifest -> manifest.bytes().length <= MAX_ENTRY)
        .ifPresent(manifest -> entries.put(key, new Entry(generation, manifest)));
    return found;
  }

  /** To be called after the commit of any change to the manifests or tags of a repository. */
  void changed(String repository) {
    generations.incrementAndGet(slot(repository));
  }

  private static int slot(String repository) {
    return Math.floorMod(repository.hashCode(), SLOTS);
  }
}
