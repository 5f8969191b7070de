package dev.bulla.registry;

import dev.bulla.store.Records;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Manifests that no tag leads to: directly, through an index, or as evidence of what is kept. */
final class UnreachedManifests {
  /** Manifests to which neither a tag nor a young manifest leads. */
  private static final String UNREACHED =
      """
      WITH RECURSIVE step (origin, target) AS (
        SELECT p.id, c.id FROM manifest p
          JOIN edge e ON e.manifest = p.id AND e.role = 'MANIFEST'
          JOIN manifest c ON c.repository = p.repository AND c.digest = e.child
         WHERE p.repository = ?
        UNION ALL
        SELECT s.id, f.id FROM referrer r
          JOIN manifest s ON s.repository = r.repository AND s.digest = r.subject
          JOIN manifest f ON f.repository = r.repository AND f.digest = r.digest
         WHERE r.repository = ?),
      live (id) AS (
        SELECT m.id FROM manifest m
         WHERE m.repository = ? AND (m.pushed >= ? OR EXISTS (
             SELECT 1 FROM tag t WHERE t.repository = m.repository AND t.digest = m.digest)
           OR EXISTS (
             SELECT 1 FROM pending_tag p WHERE p.repository = m.repository AND p.digest = m.digest
               AND NOT EXISTS (SELECT 1 FROM admission a WHERE a.repository = m.repository
                 AND a.digest = m.digest AND a.state = 'EXPIRED')))
        UNION
        SELECT s.target FROM live l JOIN step s ON s.origin = l.id)
      SELECT m.digest FROM manifest m
       WHERE m.repository = ? AND m.id NOT IN (SELECT id FROM live) ORDER BY m.digest\
      """;

  private final Records records;
  private final ManifestTable manifests;

  UnreachedManifests(Records records, ManifestTable manifests) {
    this.records = records;
    this.manifests = manifests;
  }

  private record Repository(long id, String name) {}

  /** Those of a repository that were pushed before a time, in milliseconds. */
  static List<String> unreached(Handle handle, long repository, long before) {
    return handle
        .select(UNREACHED, repository, repository, repository, before, repository)
        .mapTo(String.class)
        .list();
  }

  /**
   * Deletes them, repository by repository, save those that somebody has protected.
   *
   * @param before when they were pushed at the latest
   * @param dryRun counts only
   */
  long delete(Instant before, Instant now, boolean dryRun) {
    long millis = before.toEpochMilli();
    long count = 0;
    for (Repository one : repositories()) {
      count +=
          dryRun
              ? records.read(handle -> free(handle, one, millis).size())
              : delete(one, millis, now);
    }
    return count;
  }

  private int delete(Repository one, long before, Instant now) {
    try {
      return records.write(handle -> {
        records.changes().mark(handle, one.name());
        List<String> digests = free(handle, one, before);
        digests.forEach(
            digest -> ManifestRemoval.delete(handle, one.id(), one.name(), digest, now));
        return digests.size();
      });
    } finally {
      manifests.changed(one.name());
    }
  }

  private static List<String> free(Handle handle, Repository in, long before) {
    return unreached(handle, in.id(), before).stream()
        .filter(digest -> Protection.kept(handle, in.id(), in.name(), digest).isEmpty())
        .toList();
  }

  private List<Repository> repositories() {
    return records.read(handle ->
        handle
            .select("SELECT id, name FROM repository ORDER BY id")
            .map((row, context) -> new Repository(row.getLong(1), row.getString(2)))
            .list());
  }
}
