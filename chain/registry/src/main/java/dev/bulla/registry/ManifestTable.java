package dev.bulla.registry;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import dev.bulla.store.Outbox;
import dev.bulla.store.Records;
import dev.bulla.store.Work;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import tools.jackson.databind.node.ObjectNode;

/** Manifests with their tags, parts and referrers; {@link ManifestRemoval} is how they go. */
final class ManifestTable {
  private static final long CACHED = 16L * 1024 * 1024;

  private static final String BY_DIGEST =
      """
      SELECT m.media_type, m.digest, m.bytes FROM manifest m
        JOIN repository r ON r.id = m.repository
       WHERE r.name = ? AND m.digest = ? AND NOT %s\
      """
          .formatted(Protection.MANIFEST_HIDDEN);

  private static final String BY_TAG =
      """
      SELECT m.media_type, m.digest, m.bytes FROM tag t
        JOIN repository r ON r.id = t.repository
        JOIN manifest m ON m.repository = t.repository AND m.digest = t.digest
       WHERE r.name = ? AND t.name = ? AND NOT %s\
      """
          .formatted(Protection.TAG_HIDDEN);

  private static final String REFERRERS =
      """
      SELECT f.digest, f.media_type, f.size, f.artifact_type, f.annotations FROM referrer f
        JOIN repository r ON r.id = f.repository
       WHERE r.name = ? AND f.subject = ? AND f.digest > ? AND (? = '' OR f.artifact_type = ?)
       ORDER BY f.digest LIMIT ?\
      """;

  private static final String INSERT =
      """
      INSERT INTO manifest (repository, digest, media_type, artifact_type, subject, size, pushed, bytes)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (repository, digest) DO NOTHING
      RETURNING id\
      """;

  private static final String INSERT_REFERRER =
      """
      INSERT INTO referrer (repository, subject, digest, media_type, size, artifact_type, annotations)
      VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING\
      """;

  private static final String MOVE_TAG =
      """
      INSERT INTO tag (repository, name, digest, moved, created) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (repository, name) DO UPDATE SET digest = excluded.digest, moved = excluded.moved\
      """;

  private static final String MOVE_PENDING =
      """
      INSERT INTO pending_tag (repository, name, digest, moved) VALUES (?, ?, ?, ?)
      ON CONFLICT (repository, name) DO UPDATE SET digest = excluded.digest, moved = excluded.moved\
      """;

  private final Records records;
  private final InstantSource clock;
  private final Generations generations;
  private final RecentReads<StoredManifest> cache;

  ManifestTable(Records records, InstantSource clock) {
    this.records = records;
    this.clock = clock;
    this.generations = new Generations(records.changes());
    this.cache = new RecentReads<>(generations, CACHED, manifest -> manifest.bytes().length);
  }

  /** How often manifests and tags of a repository were changed. */
  Generations generations() {
    return generations;
  }

  /** The same as {@link #byTag} or {@link #byDigest} if it is in memory. */
  Optional<StoredManifest> known(String repository, String reference) {
    return cache.known(repository, reference);
  }

  Optional<StoredManifest> byDigest(String repository, Digest digest) {
    String reference = digest.toString();
    return cache.get(repository, reference, () -> one(BY_DIGEST, repository, reference));
  }

  Optional<StoredManifest> byTag(String repository, String tag) {
    return cache.get(repository, tag, () -> one(BY_TAG, repository, tag));
  }

  /**
   * Checks the parts and stores everything in one transaction, so no part can go between the two.
   *
   * @param pends whether the tags wait until the manifest is admitted
   */
  ManifestPush push(
      String repository,
      StoredManifest manifest,
      IncomingManifest parsed,
      List<String> tags,
      boolean pends) {
    return push(repository, manifest, parsed, tags, pends, PushCondition.NONE);
  }

  ManifestPush push(
      String repository,
      StoredManifest manifest,
      IncomingManifest parsed,
      List<String> tags,
      boolean pends,
      PushCondition condition) {
    Instant now = clock.instant();
    return change(
        repository,
        handle -> {
          long id = Repositories.idOf(handle, repository, now);
          Protection.requireWritable(handle, id, repository);
          Optional<String> other = condition.failsAt(handle, id, manifest.digest(), tags);
          if (other.isPresent()) {
            return new ManifestPush.Outdated(other.get());
          }
          List<String> missing = missing(handle, id, parsed.children());
          if (!missing.isEmpty()) {
            return new ManifestPush.Incomplete(missing);
          }
          requireQuota(handle, id, repository, manifest.digest(), tags);
          if (insert(handle, id, manifest, parsed, now)) {
            DeletedManifests.forget(handle, id, manifest.digest().toString());
            ManifestEvents.pushed(handle, now, repository, manifest, parsed);
          }
          for (String tag : new LinkedHashSet<>(tags)) {
            boolean shadow = pends && !EvidenceRule.isTag(tag);
            String digest = manifest.digest().toString();
            Protection.requireMovable(handle, id, repository, tag, digest);
            long moved = now.toEpochMilli();
            if (shadow) {
              handle.execute(MOVE_PENDING, id, tag, digest, moved);
            } else {
              handle.execute(MOVE_TAG, id, tag, digest, moved, moved);
              handle.execute("DELETE FROM pending_tag WHERE repository = ? AND name = ?", id, tag);
            }
            event(
                handle,
                now,
                shadow ? "registry.tag.pending" : "registry.tag.moved",
                repository,
                manifest.digest().toString(),
                tag);
          }
          return new ManifestPush.Accepted(manifest.digest(), parsed.subject(), tags);
        });
  }

  private static void requireQuota(
      Handle handle, long id, String repository, Digest digest, List<String> tags) {
    if (!Quotas.applies(handle, repository)) {
      return;
    }
    boolean known =
        names(handle, "SELECT digest FROM manifest", id, "digest", digest.toString()) > 0;
    long newTags =
        tags.stream()
            .distinct()
            .filter(tag ->
                names(handle, "SELECT name FROM tag", id, "name", tag)
                        + names(handle, "SELECT name FROM pending_tag", id, "name", tag)
                    == 0)
            .count();
    Quotas.requireManifest(handle, id, repository, !known, newTags);
  }

  private static int names(
      Handle handle, String select, long repository, String column, String value) {
    return handle
        .select(select + " WHERE repository = ? AND " + column + " = ?", repository, value)
        .mapTo(String.class)
        .list()
        .size();
  }

  /** What was read of a repository's manifests may be wrong now. */
  void changed(String repository) {
    cache.changed(repository);
  }

  /** When a manifest was pushed. */
  Optional<Instant> pushedAt(String repository, Digest digest) {
    return records.read(handle ->
        handle
            .select(
                "SELECT m.pushed FROM manifest m JOIN repository r ON r.id = m.repository"
                    + " WHERE r.name = ? AND m.digest = ?",
                repository,
                digest.toString())
            .mapTo(Long.class)
            .map(Instant::ofEpochMilli)
            .findOne());
  }

  /** What a manifest is about. */
  Optional<String> subjectOf(String repository, Digest digest) {
    return records.read(handle ->
        handle
            .select(
                "SELECT m.subject FROM manifest m JOIN repository r ON r.id = m.repository"
                    + " WHERE r.name = ? AND m.digest = ? AND m.subject IS NOT NULL",
                repository,
                digest.toString())
            .mapTo(String.class)
            .findOne());
  }

  Page<Referrer> referrers(
      String repository, Digest subject, Optional<String> artifactType, String last, int limit) {
    return records.read(handle ->
        Page.of(
            handle
                .select(
                    REFERRERS,
                    repository,
                    subject.toString(),
                    last,
                    artifactType.orElse(""),
                    artifactType.orElse(""),
                    limit + 1L)
                .map(ManifestTable::referrer)
                .list(),
            limit));
  }

  /** A change of what was read of a repository's manifests. */
  <T> T change(String repository, Work<T> work) {
    try {
      return records.write(handle -> {
        records.changes().mark(handle, repository);
        return work.run(handle);
      });
    } finally {
      cache.changed(
          repository); // also when it failed: whether the commit got through may be unknown
    }
  }

  private Optional<StoredManifest> one(String sql, String repository, String reference) {
    return records.read(handle ->
        handle
            .select(sql, repository, reference)
            .map((row, context) ->
                new StoredManifest(
                    row.getString(1), Digest.parse(row.getString(2)), row.getBytes(3)))
            .findOne());
  }

  static List<String> missing(
      Handle handle, long repository, List<IncomingManifest.Child> children) {
    return new Parts(handle, repository).missing(children);
  }

  /** False if the repository has the manifest already. */
  private static boolean insert(
      Handle handle,
      long repository,
      StoredManifest manifest,
      IncomingManifest parsed,
      Instant now) {
    String digest = manifest.digest().toString();
    Optional<Long> id =
        handle
            .select(
                INSERT,
                repository,
                digest,
                manifest.mediaType(),
                parsed.artifactType().orElse(null),
                parsed.subject().orElse(null),
                manifest.bytes().length,
                now.toEpochMilli(),
                manifest.bytes())
            .mapTo(Long.class)
            .findOne();
    if (id.isEmpty()) {
      return false;
    }
    Parts.insert(handle, id.get(), parsed.children());
    parsed
        .subject()
        .ifPresent(subject ->
            handle.execute(
                INSERT_REFERRER,
                repository,
                subject,
                digest,
                manifest.mediaType(),
                manifest.bytes().length,
                parsed.artifactType().orElse(null),
                annotationsOf(parsed)));
    return true;
  }

  private static String annotationsOf(IncomingManifest parsed) {
    ObjectNode annotations = Json.object();
    new TreeMap<>(parsed.annotations()).forEach(annotations::put);
    return new String(Json.write(annotations), StandardCharsets.UTF_8);
  }

  static Optional<Long> idOf(Handle handle, String repository) {
    return handle
        .select("SELECT id FROM repository WHERE name = ?", repository)
        .mapTo(Long.class)
        .findOne();
  }

  static void event(
      Handle handle, Instant now, String type, String repository, String digest, String tag) {
    ObjectNode payload = Json.object().put("repository", repository);
    if (!tag.isEmpty()) {
      payload.put("tag", tag);
    }
    Outbox.append(handle, now, type, digest, payload);
  }

  private static Referrer referrer(ResultSet row, StatementContext context) throws SQLException {
    return new Referrer(
        row.getString(1),
        row.getString(2),
        row.getLong(3),
        Optional.ofNullable(row.getString(4)),
        Json.parseObject(row.getString(5).getBytes(StandardCharsets.UTF_8), "annotations"));
  }
}
