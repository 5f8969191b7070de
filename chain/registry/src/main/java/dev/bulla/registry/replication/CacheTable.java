package dev.bulla.registry.replication;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.oci.Manifest;
import dev.bulla.registry.Eviction;
import dev.bulla.store.Records;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;

/** Projects that are caches, and when names in them were last looked up. */
final class CacheTable {
  private static final String PARENTS =
      """
      SELECT m.bytes, m.media_type, m.digest FROM edge e JOIN manifest m ON m.id = e.manifest
        JOIN repository r ON r.id = m.repository
       WHERE r.name = ? AND e.child = ? AND e.role IN ('CONFIG', 'LAYER') LIMIT 1\
      """;

  private static final String EVIDENCE =
      """
      SELECT f.digest FROM referrer f JOIN repository r ON r.id = f.repository
       WHERE r.name = ? AND f.subject = ? AND NOT EXISTS (
         SELECT 1 FROM receipt o WHERE o.repository = f.repository AND o.manifest = f.digest)\
      """;

  private static final String TAGGED =
      """
      SELECT t.digest FROM tag t JOIN repository r ON r.id = t.repository
       WHERE r.name = ? AND t.name = ?\
      """;

  private final Records records;

  CacheTable(Records records) {
    this.records = records;
  }

  List<CacheProject> all() {
    return records.read(handle ->
        handle
            .select(
                "SELECT project, upstream, credentials, ttl, max_bytes, unused FROM cache_project"
                    + " ORDER BY project")
            .map((row, context) ->
                new CacheProject(
                    row.getString(1),
                    row.getString(2),
                    row.getString(3),
                    Duration.ofMillis(row.getLong(4)),
                    new Eviction.Bounds(row.getLong(5), Duration.ofMillis(row.getLong(6)))))
            .list());
  }

  void save(CacheProject one) {
    records.write(handle ->
        handle.execute(
            "INSERT INTO cache_project (project, upstream, credentials, ttl, max_bytes, unused)"
                + " VALUES (?, ?, ?, ?, ?, ?)"
                + " ON CONFLICT (project) DO UPDATE SET upstream = excluded.upstream,"
                + " credentials = excluded.credentials, ttl = excluded.ttl,"
                + " max_bytes = excluded.max_bytes, unused = excluded.unused",
            one.project(),
            one.upstream(),
            one.credentials(),
            one.ttl().toMillis(),
            one.bounds().bytes(),
            one.bounds().unused().toMillis()));
  }

  boolean remove(String project) {
    return records.write(handle -> {
      handle.execute(
          "DELETE FROM cache_tag WHERE repository >= ? AND repository < ?",
          project + "/",
          project + "0");
      return handle.execute("DELETE FROM cache_project WHERE project = ?", project) > 0;
    });
  }

  /** When the upstream last said what a name is, milliseconds since 1970. */
  Optional<Long> checked(String repository, String reference) {
    return records.read(handle ->
        handle
            .select(
                "SELECT checked FROM cache_tag WHERE repository = ? AND tag = ?",
                repository,
                reference)
            .mapTo(Long.class)
            .findOne());
  }

  void checked(String repository, String reference, Digest digest, long now) {
    records.write(handle ->
        handle.execute(
            "INSERT INTO cache_tag (repository, tag, digest, checked) VALUES (?, ?, ?, ?)"
                + " ON CONFLICT (repository, tag) DO UPDATE SET digest = excluded.digest,"
                + " checked = excluded.checked",
            repository,
            reference,
            digest.toString(),
            now));
  }

  void forget(String repository, String reference) {
    records.write(handle ->
        handle.execute(
            "DELETE FROM cache_tag WHERE repository = ? AND tag = ?", repository, reference));
  }

  /**
   * Evidence about a manifest that came here from elsewhere.
   *
   * @param tags under which some of it may lie
   */
  List<Digest> evidence(String repository, Digest subject, List<String> tags) {
    return records.read(handle -> {
      Set<String> found =
          new TreeSet<>(
              handle.select(EVIDENCE, repository, subject.toString()).mapTo(String.class).list());
      for (String tag : tags) {
        handle.select(TAGGED, repository, tag).mapTo(String.class).forEach(found::add);
      }
      return found.stream().map(Digest::parse).toList();
    });
  }

  /** Whether another registry has told what became of a manifest with it: it comes here for it. */
  static boolean isCopied(Handle handle, String repository, String digest) {
    return handle
        .select(
            "SELECT 1 FROM region_receipt WHERE repository = ? AND digest = ? LIMIT 1",
            repository,
            digest)
        .mapTo(Integer.class)
        .findOne()
        .isPresent();
  }

  /** What a manifest that is here says of a blob that it is made of. */
  Optional<Descriptor> descriptor(String repository, Digest blob) {
    Optional<Manifest> parent =
        records.read(handle ->
            handle
                .select(PARENTS, repository, blob.toString())
                .map((row, context) ->
                    Manifest.parse(
                        row.getBytes(1),
                        row.getString(2),
                        Digest.parse(row.getString(3)).algorithm()))
                .findOne());
    return parent.flatMap(manifest ->
        Stream.concat(manifest.config().stream(), manifest.layers().stream())
            .filter(one -> one.digest().equals(blob))
            .map(Descriptor::bare)
            .findFirst());
  }
}
