package dev.bulla.registry.replication;

import dev.bulla.oci.Repository;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The registry at which some repositories have their home, as a replica asks it. Thread-safe;
 * failures are {@link dev.bulla.core.BullaException}s.
 */
public interface Source extends AutoCloseable {

  /**
   * What a source with feeds has.
   *
   * @param written raised by every change anywhere
   * @param sizes number of entries by repository
   * @param homes of repositories that are copies there, the fingerprints of the keys of those that
   *     they come from, the next one first and the home last; not signed by anybody
   */
  record Feeds(long written, Map<String, Long> sizes, Map<String, List<String>> homes) {
    public Feeds(long written, Map<String, Long> sizes) {
      this(written, sizes, Map.of());
    }
  }

  /**
   * Its feeds; empty if it keeps none.
   *
   * @param since the answer may wait until something happened after this
   * @param waitSeconds how long
   */
  Optional<Feeds> feeds(Glob glob, long since, int waitSeconds);

  /** The next page of a feed, as it was sent. */
  byte[] page(String repository, long after);

  /** Repositories of a source without feeds. */
  List<String> repositories(Glob glob);

  /** A repository; the caller closes it. */
  Repository repository(String name);

  /** Tells a source with feeds what became of its content here. */
  void report(String repository, byte[] report);

  @Override
  void close();
}
