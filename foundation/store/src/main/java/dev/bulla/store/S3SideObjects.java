package dev.bulla.store;

import dev.bulla.core.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Objects beside the content: what was retired, and what was found damaged. */
final class S3SideObjects {
  private static final String TRASH = "trash/";
  private static final String BAD = "bad/";
  private static final String RETIRED = "bulla-retired";

  private final S3Bucket bucket;
  private final S3Copy copier;
  private final Reader reader;

  /** Reads an object of a known size. */
  interface Reader {
    InputStream read(String key, long size);
  }

  S3SideObjects(S3Bucket bucket, S3Copy copier, Reader reader) {
    this.bucket = bucket;
    this.copier = copier;
    this.reader = reader;
  }

  boolean retire(Digest digest, String key, Instant now) {
    return move(digest, key, TRASH, now);
  }

  boolean setAside(Digest digest, String key, Instant now) {
    return move(digest, key, BAD, now);
  }

  /** After a crash between the two, it is in both places, and is retired once more. */
  private boolean move(Digest digest, String key, String side, Instant now) {
    Optional<S3Bucket.Entry> found = bucket.head(key);
    if (found.isEmpty()
        || !copier.copy(key, side + sideName(digest), found.get().size(), retiredAt(now))) {
      return false;
    }
    bucket.delete(key);
    return true;
  }

  boolean revive(Digest digest, String to) {
    String key = TRASH + sideName(digest);
    Optional<S3Bucket.Entry> found = bucket.head(key);
    if (found.isEmpty() || !holds(found.get(), digest)) {
      return false;
    }
    if (!copier.copy(key, to, found.get().size(), Map.of())) {
      return false;
    }
    bucket.delete(key);
    return true;
  }

  private boolean holds(S3Bucket.Entry entry, Digest digest) {
    try (InputStream in = reader.read(entry.key(), entry.size())) {
      return Digest.of(digest.algorithm(), in).equals(digest);
    } catch (IOException e) {
      throw S3Faults.of(e, "reading " + entry.key());
    }
  }

  /** Frees what was retired longer ago than {@code age}; returns its bytes. */
  long purge(Duration age, Instant now) {
    long freed = 0;
    try (Stream<S3Bucket.Entry> retired = bucket.list(TRASH)) {
      for (S3Bucket.Entry listed : (Iterable<S3Bucket.Entry>) retired::iterator) {
        freed += bucket.head(listed.key()).map(entry -> purge(entry, age, now)).orElse(0L);
      }
    }
    return freed;
  }

  private long purge(S3Bucket.Entry entry, Duration age, Instant now) {
    Instant came = retiredAt(entry);
    if (came.isAfter(now)) {
      copier.copy(entry.key(), entry.key(), entry.size(), retiredAt(now));
      return 0;
    }
    if (!came.isBefore(now.minus(age))) {
      return 0;
    }
    bucket.delete(entry.key());
    return entry.size();
  }

  private static Map<String, String> retiredAt(Instant now) {
    return Map.of(RETIRED, Long.toString(now.toEpochMilli()));
  }

  private static Instant retiredAt(S3Bucket.Entry entry) {
    String millis = entry.metadata().getOrDefault(RETIRED, "");
    return millis.matches("-?[0-9]{1,15}")
        ? Instant.ofEpochMilli(Long.parseLong(millis))
        : entry.modified();
  }

  long retiredBytes() {
    try (Stream<S3Bucket.Entry> retired = bucket.list(TRASH)) {
      return retired.mapToLong(S3Bucket.Entry::size).sum();
    }
  }

  private static String sideName(Digest digest) {
    return digest.algorithm().id() + "-" + digest.hex();
  }
}
