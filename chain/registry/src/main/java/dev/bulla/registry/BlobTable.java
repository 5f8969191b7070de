package dev.bulla.registry;

import dev.bulla.core.Digest;
import dev.bulla.store.Records;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Which repository links which blob. */
final class BlobTable {
  private static final long CACHED = 4L * 1024 * 1024;

  private static final String KNOWN =
      """
      SELECT b.size, l.touched, b.damaged FROM link l
        JOIN repository r ON r.id = l.repository
        JOIN blob b ON b.digest = l.digest
       WHERE r.name = ? AND l.digest = ? AND NOT %s\
      """
          .formatted(Protection.BLOB_HIDDEN);

  private static final String UNLINK =
      "DELETE FROM link WHERE digest = ? AND repository = (SELECT id FROM repository WHERE name ="
          + " ?)";

  private static final String STORE =
      """
      INSERT INTO blob (digest, size, created, touched) VALUES (?, ?, ?, ?)
      ON CONFLICT (digest) DO UPDATE SET size = excluded.size, touched = excluded.touched, damaged = 0\
      """;

  private static final String LINK =
      """
      INSERT INTO link (repository, digest, touched) VALUES (?, ?, ?)
      ON CONFLICT (repository, digest) DO UPDATE SET touched = excluded.touched\
      """;

  private static final String TOUCH =
      """
      UPDATE link SET touched = ? WHERE digest = ? AND touched < ?
         AND repository = (SELECT id FROM repository WHERE name = ?)\
      """;

  /** A promise that is younger than this is not written down again: collection waits longer. */
  static final Duration PROMISE = Duration.ofMinutes(15);

  /**
   * What is recorded of a linked blob.
   *
   * @param touched when somebody was last told that it is here, milliseconds since 1970
   */
  record Known(long size, long touched, boolean damaged) {}

  private final Records records;
  private final InstantSource clock;

  /** What is known of linked blobs. A new link makes none of it wrong, only a removed one does. */
  private final RecentReads<Known> known;

  BlobTable(Records records, InstantSource clock) {
    this.records = records;
    this.clock = clock;
    this.known =
        new RecentReads<>(new Generations(records.changes()), CACHED, blob -> 2 * Long.BYTES);
  }

  Optional<Long> size(String repository, Digest digest) {
    return known(repository, digest).map(Known::size);
  }

  /** The same if it is in memory. */
  Optional<Long> sizeAtOnce(String repository, Digest digest) {
    return known.known(repository, digest.toString()).map(Known::size);
  }

  /**
   * The size of a blob that the caller may rely on for a push: it is whole, and collection leaves
   * it alone for the time of its grace from now on.
   */
  Optional<Long> promise(String repository, Digest digest) {
    Optional<Known> found = known(repository, digest).filter(blob -> !blob.damaged());
    long now = clock.millis();
    long stale = now - PROMISE.toMillis();
    if (found.isPresent() && found.get().touched() < stale) {
      boolean linked =
          records.write(handle ->
              handle.execute(TOUCH, now, digest.toString(), stale, repository) > 0
                  || known(handle, repository, digest).isPresent());
      known.changed(repository);
      return linked ? found.map(Known::size) : Optional.empty();
    }
    return found.map(Known::size);
  }

  /**
   * Links a blob whose bytes are durable already.
   *
   * @param upload that brought it
   * @param held keeps the blob from collection until here
   */
  void store(String repository, Digest digest, long size, String upload, BlobLocks.Held held) {
    Instant now = clock.instant();
    List<String> healed =
        records.write(handle -> {
          held.settle(handle);
          List<String> linking =
              handle
                      .select(
                          "SELECT 1 FROM blob WHERE digest = ? AND damaged = 1", digest.toString())
                      .mapTo(Integer.class)
                      .findOne()
                      .isPresent()
                  ? linking(handle, digest)
                  : List.of();
          handle.execute(STORE, digest.toString(), size, now.toEpochMilli(), now.toEpochMilli());
          UploadRoom.giveBack(handle, upload);
          link(handle, repository, digest, now);
          linking.forEach(name -> records.changes().mark(handle, name));
          return linking;
        });
    healed.forEach(known::changed);
  }

  boolean mount(String repository, Digest digest, String from) {
    Instant now = clock.instant();
    return records.write(handle -> {
      boolean there = known(handle, from, digest).filter(blob -> !blob.damaged()).isPresent();
      if (there) {
        link(handle, repository, digest, now);
      }
      return there;
    });
  }

  List<String> repositoriesWith(Digest digest, int limit) {
    return records.read(handle ->
        handle
            .select(
                "SELECT r.name FROM link l JOIN repository r ON r.id = l.repository"
                    + " WHERE l.digest = ? ORDER BY r.name LIMIT ?",
                digest.toString(),
                limit)
            .mapTo(String.class)
            .list());
  }

  boolean unlink(String repository, Digest digest) {
    try {
      return records.write(handle -> {
        records.changes().mark(handle, repository);
        Optional<Long> id = ManifestTable.idOf(handle, repository);
        if (id.isEmpty()) {
          return false;
        }
        Protection.requireUnlinkable(handle, id.get(), repository, digest.toString());
        boolean was = handle.execute(UNLINK, digest.toString(), repository) > 0;
        if (was) {
          Quotas.releaseBlob(handle, Projects.of(repository), digest.toString());
        }
        return was;
      });
    } finally {
      known.changed(repository); // also when it failed: the commit may have got through
    }
  }

  /** What was known of blobs in these repositories may be wrong now. */
  void changed(Collection<String> repositories) {
    repositories.forEach(known::changed);
  }

  /** The names of the repositories that link a blob. */
  static List<String> linking(Handle handle, Digest digest) {
    return handle
        .select(
            "SELECT r.name FROM link l JOIN repository r ON r.id = l.repository WHERE l.digest = ?"
                + " ORDER BY r.name",
            digest.toString())
        .mapTo(String.class)
        .list();
  }

  private Optional<Known> known(String repository, Digest digest) {
    return known.get(
        repository,
        digest.toString(),
        () -> records.read(handle -> known(handle, repository, digest)));
  }

  private static Optional<Known> known(Handle handle, String repository, Digest digest) {
    return handle
        .select(KNOWN, repository, digest.toString())
        .map((row, context) -> new Known(row.getLong(1), row.getLong(2), row.getBoolean(3)))
        .findOne();
  }

  private static void link(Handle handle, String repository, Digest digest, Instant now) {
    long id = Repositories.idOf(handle, repository, now);
    Protection.requireWritable(handle, id, repository);
    Quotas.chargeBlob(handle, id, repository, digest.toString(), now);
    handle.execute(LINK, id, digest.toString(), now.toEpochMilli());
  }
}
