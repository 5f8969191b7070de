package dev.bulla.registry;

import dev.bulla.core.Digest;
import dev.bulla.store.Records;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Which repository links which blob. */
final class BlobTable {
  private static final long CACHED = 4L * 1024 * 1024;

  private static final String SIZE =
      """
      SELECT b.size FROM link l
        JOIN repository r ON r.id = l.repository
        JOIN blob b ON b.digest = l.digest
       WHERE r.name = ? AND l.digest = ?\
      """;

  private static final String SIZE_ANYWHERE =
      """
      SELECT b.size FROM link l
        JOIN repository r ON r.id = l.repository
        JOIN blob b ON b.digest = l.digest
       WHERE l.digest = ? AND (NOT ? OR %s) LIMIT 1\
      """
          .formatted(NameTables.IS_OPEN);

  private static final String UNLINK =
      "DELETE FROM link WHERE digest = ? AND repository = (SELECT id FROM repository WHERE name ="
          + " ?)";

  private static final String UNLINKED =
      "SELECT digest FROM blob b WHERE NOT EXISTS (SELECT 1 FROM link l WHERE l.digest = b.digest)";

  private final Records records;
  private final InstantSource clock;

  /** Sizes of linked blobs. A new link makes none of them wrong, only a removed one does. */
  private final RecentReads<Long> sizes = new RecentReads<>(CACHED, size -> Long.BYTES);

  BlobTable(Records records, InstantSource clock) {
    this.records = records;
    this.clock = clock;
  }

  Optional<Long> size(String repository, Digest digest) {
    return sizes.get(
        repository,
        digest.toString(),
        () -> records.read(handle -> size(handle, repository, digest)));
  }

  /** Links a blob whose bytes are durable already. */
  void link(String repository, Digest digest, long size) {
    Instant now = clock.instant();
    records.write(handle -> link(handle, repository, digest, size, now));
  }

  boolean mount(String repository, Digest digest, String from) {
    Instant now = clock.instant();
    return records.write(handle -> {
      Optional<Long> size = size(handle, from, digest);
      size.ifPresent(bytes -> link(handle, repository, digest, bytes, now));
      return size.isPresent();
    });
  }

  boolean mountFromAny(String repository, Digest digest, boolean openOnly) {
    Instant now = clock.instant();
    return records.write(handle -> {
      Optional<Long> size =
          handle.select(SIZE_ANYWHERE, digest.toString(), openOnly).mapTo(Long.class).findOne();
      size.ifPresent(bytes -> link(handle, repository, digest, bytes, now));
      return size.isPresent();
    });
  }

  boolean unlink(String repository, Digest digest) {
    try {
      return records.write(handle -> handle.execute(UNLINK, digest.toString(), repository) > 0);
    } finally {
      sizes.changed(repository); // also when it failed: the commit may have got through
    }
  }

  List<Digest> unlinked() {
    return records.read(handle ->
        handle.select(UNLINKED).mapTo(String.class).list().stream().map(Digest::parse).toList());
  }

  /** Forgets those of {@code digests} that still have no link. */
  void forget(List<Digest> digests) {
    if (digests.isEmpty()) {
      return;
    }
    records.write(handle -> {
      for (Digest digest : digests) {
        handle.execute(
            "DELETE FROM blob WHERE digest = ? AND NOT EXISTS (SELECT 1 FROM link WHERE digest"
                + " = ?)",
            digest.toString(),
            digest.toString());
      }
      return digests.size();
    });
  }

  private static Optional<Long> size(Handle handle, String repository, Digest digest) {
    return handle.select(SIZE, repository, digest.toString()).mapTo(Long.class).findOne();
  }

  private static long link(
      Handle handle, String repository, Digest digest, long size, Instant now) {
    handle.execute(
        "INSERT INTO blob (digest, size, created) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING",
        digest.toString(),
        size,
        now.toEpochMilli());
    long id = Repositories.idOf(handle, repository, now);
    handle.execute(
        "INSERT INTO link (repository, digest) VALUES (?, ?) ON CONFLICT DO NOTHING",
        id,
        digest.toString());
    return id;
  }
}
