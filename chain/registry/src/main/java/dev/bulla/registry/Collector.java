package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.store.Blobs;
import dev.bulla.store.Records;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/**
 * Frees what nobody can reach, while pushes go on.
 *
 * <p><b>Why it is safe.</b> A manifest is stored in one transaction that looks for links to all of
 * its parts, and a link is removed in one transaction that looks for manifests and deleted
 * manifests that need it; both run on the one writer, so one of them comes first. If the manifest
 * does, the link is needed and stays; if the removal does, the push is told which part is missing
 * and sends it again. A blob's row goes in a transaction that looks for links; a mount looks for a
 * link in its own. The file goes after its row and under {@link BlobLocks}, which whoever publishes
 * a file holds until its link is durable. A crash between row and file leaves a stray file, never a
 * row without its file; strays are collected too. All this holds for several processes over one
 * database as well: their writers follow one another, and {@link SharedBlobLocks} are rows.
 *
 * <p>Times only make it polite: content that was pushed or asked about lately is left alone, so
 * that a push need not send again what it was told is there. A clock that jumps can make a running
 * push fail; it cannot take content away from a manifest that was acknowledged.
 *
 * <p>Steps are small transactions with other writers in between. The methods are the steps, in
 * their order.
 */
final class Collector {
  private static final int BATCH = 200;

  private static final String NEEDED =
      """
      EXISTS (SELECT 1 FROM edge e JOIN manifest m ON m.id = e.manifest
               WHERE e.child = l.digest AND m.repository = l.repository)
      OR EXISTS (SELECT 1 FROM deleted_edge e JOIN deleted_manifest d ON d.id = e.manifest
               WHERE e.child = l.digest AND d.repository = l.repository AND d.deleted >= ?)\
      """;

  private static final String OLD_LINKS =
      """
      SELECT l.repository, l.digest FROM link l
       WHERE l.touched < ? AND (l.repository > ? OR (l.repository = ? AND l.digest > ?)) AND NOT (%s)
       ORDER BY l.repository, l.digest LIMIT ?\
      """
          .formatted(NEEDED);

  private static final String COUNT_LINKS =
      "SELECT count(*) FROM link l WHERE l.touched < ? AND NOT (%s)".formatted(NEEDED);

  private static final String UNLINK =
      "DELETE FROM link AS l WHERE l.repository = ? AND l.digest = ? AND l.touched < ? AND NOT (%s)"
          .formatted(NEEDED);

  private static final String UNLINKED =
      """
      SELECT b.digest, b.size FROM blob b
       WHERE b.touched < ? AND b.digest > ?
         AND NOT EXISTS (SELECT 1 FROM link l WHERE l.digest = b.digest)
       ORDER BY b.digest LIMIT ?\
      """;

  /** What {@link #UNLINKED} will find once {@link #UNLINK} is through, all at once. */
  private static final String WOULD_GO =
      """
      SELECT count(*), coalesce(sum(b.size), 0) FROM blob b
       WHERE b.touched < ?
         AND NOT EXISTS (SELECT 1 FROM link l WHERE l.digest = b.digest AND (l.touched >= ? OR %s))\
      """
          .formatted(NEEDED);

  private static final String FORGET =
      """
      DELETE FROM blob WHERE digest = ? AND touched < ?
         AND NOT EXISTS (SELECT 1 FROM link l WHERE l.digest = blob.digest)\
      """;

  private final Records records;
  private final Blobs blobs;
  private final BlobLocks locks;
  private final BlobTable blobTable;
  private final UnreachedManifests unreached;
  private final CollectionRules rules;
  private final InstantSource clock;
  private final Instant begun;

  Collector(
      Records records,
      Blobs blobs,
      BlobLocks locks,
      BlobTable blobTable,
      UnreachedManifests unreached,
      CollectionRules rules,
      InstantSource clock) {
    this.records = records;
    this.blobs = blobs;
    this.locks = locks;
    this.blobTable = blobTable;
    this.unreached = unreached;
    this.rules = rules;
    this.clock = clock;
    this.begun = clock.instant();
  }

  private record OldLink(long repository, String digest) {}

  /** Size and number of retired blobs. */
  record Retired(long blobs, long bytes) {
    Retired plus(Retired other) {
      return new Retired(blobs + other.blobs, bytes + other.bytes);
    }
  }

  /** Drops uploads that rest. */
  long uploads() {
    Instant before = now().minus(rules.uploads());
    List<String> resting = blobs.restingUploads(before);
    if (!rules.dryRun()) {
      blobs.expireUploads(before);
      records.write(handle -> UploadRoom.forgetResting(handle, clock.instant()));
    }
    return resting.size() + emptyUploads(Set.copyOf(resting));
  }

  /** Those that took no byte at all go sooner. */
  private int emptyUploads(Set<String> passed) {
    int count = 0;
    for (String id : blobs.restingUploads(now().minus(UploadRoom.RESTING))) {
      Optional<Blobs.Upload> upload = passed.contains(id) ? Optional.empty() : blobs.resume(id);
      if (upload.filter(one -> one.offset() == 0).isPresent()) {
        count++;
        if (!rules.dryRun()) {
          drop(upload.get());
        }
      }
    }
    return count;
  }

  private static void drop(Blobs.Upload upload) {
    try {
      upload.abort();
    } catch (BullaException e) {
      if (e.code() != ErrorCode.CONFLICT && e.code() != ErrorCode.UPLOAD_NOT_FOUND) {
        throw e;
      }
      // it is being written, or has just ended by itself
    }
  }

  /** A clock that was ahead once must not keep content for years. */
  void mendTimes() {
    if (rules.dryRun()) {
      return;
    }
    long time = now().toEpochMilli();
    records.write(handle ->
        handle.execute("UPDATE link SET touched = ? WHERE touched > ?", time, time)
            + handle.execute("UPDATE blob SET touched = ? WHERE touched > ?", time, time)
            + handle.execute(
                "UPDATE deleted_manifest SET deleted = ? WHERE deleted > ?", time, time));
  }

  /** Deletes manifests that no tag leads to, repository by repository. */
  long untagged() {
    return rules
        .untagged()
        .map(age -> unreached.delete(now().minus(age), now(), rules.dryRun()))
        .orElse(0L);
  }

  /** Forgets manifests that were deleted long ago. */
  long deleted() {
    long before = deletedBefore();
    return rules.dryRun()
        ? records.read(handle ->
            handle
                .select("SELECT count(*) FROM deleted_manifest WHERE deleted < ?", before)
                .mapTo(Long.class)
                .one())
        : records.write(handle -> DeletedManifests.purge(handle, Instant.ofEpochMilli(before)));
  }

  /** Removes links that no manifest needs. */
  long links() {
    long before = graceBefore();
    if (rules.dryRun()) {
      return records.read(
          handle -> handle.select(COUNT_LINKS, before, deletedBefore()).mapTo(Long.class).one());
    }
    long count = 0;
    OldLink last = new OldLink(-1, "");
    while (true) {
      List<OldLink> batch = oldLinks(last);
      if (batch.isEmpty()) {
        new Quotas(records, clock).recount();
        return count;
      }
      List<String> names = namesOf(batch);
      try {
        count +=
            records.write(handle -> {
              names.forEach(name -> records.changes().mark(handle, name));
              return unlink(handle, batch, before);
            });
      } finally {
        blobTable.changed(names);
      }
      last = batch.getLast();
    }
  }

  /** Forgets blobs without links and retires their files. */
  Retired blobs() {
    long before = graceBefore();
    if (rules.dryRun()) {
      return records.read(handle ->
          handle
              .select(WOULD_GO, before, before, deletedBefore())
              .map((row, context) -> new Retired(row.getLong(1), row.getLong(2)))
              .one());
    }
    Retired sum = new Retired(0, 0);
    String last = "";
    while (true) {
      String after = last;
      List<Digest> batch =
          records.read(handle ->
              handle
                  .select(UNLINKED, before, after, BATCH)
                  .map((row, context) -> Digest.parse(row.getString(1)))
                  .list());
      if (batch.isEmpty()) {
        return sum;
      }
      List<Retired> done = new ArrayList<>();
      locks.exclusive(batch, free -> done.add(retire(free, before)));
      for (Retired one : done) {
        sum = sum.plus(one);
      }
      last = batch.getLast().toString();
    }
  }

  /** Retires files that have no row: what a crash left between file and row. */
  long strays() {
    Instant before = now().minus(rules.grace());
    long count = 0;
    List<Digest> batch = new ArrayList<>();
    try (Stream<Digest> files = blobs.list()) {
      for (Digest digest : (Iterable<Digest>) files::iterator) {
        batch.add(digest);
        if (batch.size() == BATCH) {
          count += strays(batch, before);
          batch.clear();
        }
      }
    }
    return count + strays(batch, before);
  }

  /** Frees the space of what was retired before. */
  long freed() {
    return rules.dryRun() ? blobs.retiredBytes() : blobs.purge(rules.retired(), now());
  }

  private Retired retire(List<Digest> digests, long before) {
    List<Retired> forgotten = new ArrayList<>();
    List<Digest> gone =
        records.write(handle -> {
          List<Digest> out = new ArrayList<>();
          forgotten.clear();
          for (Digest digest : digests) {
            Long size =
                handle
                    .select("SELECT size FROM blob WHERE digest = ?", digest.toString())
                    .mapTo(Long.class)
                    .findOne()
                    .orElse(0L);
            if (handle.execute(FORGET, digest.toString(), before) > 0) {
              out.add(digest);
              forgotten.add(new Retired(1, size));
            }
          }
          return out;
        });
    gone.forEach(digest -> blobs.retire(digest, now()));
    return forgotten.stream().reduce(new Retired(0, 0), Retired::plus);
  }

  private long strays(List<Digest> batch, Instant before) {
    List<Digest> old =
        unrecorded(batch).stream()
            .filter(
                digest -> blobs.since(digest).filter(since -> !since.isAfter(before)).isPresent())
            .toList();
    if (rules.dryRun() || old.isEmpty()) {
      return old.size();
    }
    long[] count = {0};
    locks.exclusive(
        old,
        free ->
            unrecorded(free).forEach(digest -> count[0] += blobs.retire(digest, now()) ? 1 : 0));
    return count[0];
  }

  private List<Digest> unrecorded(List<Digest> batch) {
    return records.read(handle ->
        batch.stream()
            .filter(digest ->
                handle
                    .select("SELECT 1 FROM blob WHERE digest = ?", digest.toString())
                    .mapTo(Integer.class)
                    .findOne()
                    .isEmpty())
            .toList());
  }

  private int unlink(Handle handle, List<OldLink> batch, long before) {
    int count = 0;
    for (OldLink link : batch) {
      count += handle.execute(UNLINK, link.repository(), link.digest(), before, deletedBefore());
    }
    return count;
  }

  private List<OldLink> oldLinks(OldLink last) {
    return records.read(handle ->
        handle
            .select(
                OLD_LINKS,
                graceBefore(),
                last.repository(),
                last.repository(),
                last.digest(),
                deletedBefore(),
                BATCH)
            .map((row, context) -> new OldLink(row.getLong(1), row.getString(2)))
            .list());
  }

  private List<String> namesOf(List<OldLink> links) {
    return records.read(handle ->
        links.stream()
            .map(OldLink::repository)
            .distinct()
            .map(id ->
                handle
                    .select("SELECT name FROM repository WHERE id = ?", id)
                    .mapTo(String.class)
                    .one())
            .toList());
  }

  /** When this collection began, or earlier if the clock was put back since. */
  private Instant now() {
    Instant current = clock.instant();
    return current.isBefore(begun) ? current : begun;
  }

  private long graceBefore() {
    return now().minus(rules.grace()).toEpochMilli();
  }

  private long deletedBefore() {
    return now().minus(rules.deleted()).toEpochMilli();
  }
}
