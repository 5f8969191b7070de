package dev.bulla.registry;

import dev.bulla.core.Digest;
import dev.bulla.store.Records;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * When manifests were last pulled. A pull costs a look into memory; what is new is written for many
 * at once, at most every minute, and of one manifest at most every hour. A process that is killed
 * forgets the last minute. Thread-safe.
 */
final class Pulls {
  private static final long EXACT = Duration.ofHours(1).toMillis();
  private static final long WRITTEN = Duration.ofMinutes(1).toMillis();
  private static final int REMEMBERED = 50_000;

  private static final String WRITE =
      """
      INSERT INTO pull (repository, digest, at)
      SELECT m.repository, m.digest, ? FROM manifest m JOIN repository r ON r.id = m.repository
       WHERE r.name = ? AND m.digest = ?
      ON CONFLICT (repository, digest) DO UPDATE SET at = excluded.at WHERE pull.at < excluded.at\
      """;

  private record Pulled(String repository, Digest digest) {}

  private final Records records;
  private final Background background;
  private final InstantSource clock;
  private final Map<Pulled, Long> known = new ConcurrentHashMap<>();
  private final Map<Pulled, Long> unwritten = new ConcurrentHashMap<>();
  private final AtomicLong written;

  Pulls(Records records, Background background, InstantSource clock) {
    this.records = records;
    this.background = background;
    this.clock = clock;
    this.written = new AtomicLong(clock.millis());
  }

  void pulled(String repository, Digest digest) {
    long now = clock.millis();
    Pulled one = new Pulled(repository, digest);
    Long before = known.get(one);
    if (before != null && now - before < EXACT) {
      return;
    }
    if (known.size() >= REMEMBERED) {
      known.clear();
    }
    known.put(one, now);
    unwritten.put(one, now);
    long last = written.get();
    if (now - last > WRITTEN && written.compareAndSet(last, now)) {
      background.start("pulls", this::flushQuietly);
    }
  }

  /** Writes what is not written yet. */
  void flush() {
    Map<Pulled, Long> taken = new HashMap<>();
    for (Pulled one : unwritten.keySet()) {
      Long at = unwritten.remove(one);
      if (at != null) {
        taken.put(one, at);
      }
    }
    if (!taken.isEmpty()) {
      records.write(handle -> {
        taken.forEach(
            (one, at) -> handle.execute(WRITE, at, one.repository(), one.digest().toString()));
        return taken.size();
      });
    }
  }

  /** The same, where a failure is nobody's business but the log's. */
  void flushQuietly() {
    try {
      flush();
    } catch (RuntimeException e) {
      System.getLogger("bulla.registry")
          .log(System.Logger.Level.WARNING, "times of pulls are not written", e);
    }
  }
}
