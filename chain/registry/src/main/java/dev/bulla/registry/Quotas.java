package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.store.Outbox;
import dev.bulla.store.Records;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;

/**
 * What projects may have at most. Asked in the transaction that would add something; since
 * transactions that write come one after the other, also those of several replicas, pushes at once
 * cannot go beyond a quota together. A project without a quota costs one look-up.
 *
 * <p>Bytes are counted as links come and go, and counted anew with every collection. Thread-safe.
 */
public final class Quotas {
  /** Between two events of refusals. */
  static final Duration QUIET = Duration.ofMinutes(1);

  private static final String FIND =
      "SELECT bytes, repositories, manifests, tags, used_bytes FROM quota WHERE project = ?";

  private static final String USED =
      """
      SELECT coalesce(sum(b.size), 0) FROM blob b WHERE b.digest IN (
        SELECT l.digest FROM link l JOIN repository r ON r.id = l.repository WHERE r.project = ?)\
      """;

  private static final String LINKED =
      """
      SELECT 1 FROM link l JOIN repository r ON r.id = l.repository
       WHERE l.digest = ? AND r.project = ? LIMIT 1\
      """;

  private static final String EMPTY =
      """
      SELECT 1 FROM repository r WHERE r.id = ?
         AND NOT EXISTS (SELECT 1 FROM manifest m WHERE m.repository = r.id)
         AND NOT EXISTS (SELECT 1 FROM link l WHERE l.repository = r.id)\
      """;

  private static final String REPOSITORIES =
      """
      SELECT count(*) FROM repository r WHERE r.project = ?
         AND (EXISTS (SELECT 1 FROM manifest m WHERE m.repository = r.id)
           OR EXISTS (SELECT 1 FROM link l WHERE l.repository = r.id))\
      """;

  private static final String MANIFESTS =
      """
      SELECT count(*) FROM manifest m JOIN repository r ON r.id = m.repository
       WHERE r.project = ?\
      """;

  private static final String TAGS =
      """
      SELECT (SELECT count(*) FROM tag t JOIN repository r ON r.id = t.repository
               WHERE r.project = ?)
           + (SELECT count(*) FROM pending_tag p JOIN repository r ON r.id = p.repository
               WHERE r.project = ?)\
      """;

  /** A quota and what is used of its bytes. */
  private record Row(Quota quota, long usedBytes) {}

  private final Records records;
  private final InstantSource clock;

  /** When refusals were last made an event of, by project; only of projects with a quota. */
  private final Map<String, Instant> told = new ConcurrentHashMap<>();

  Quotas(Records records, InstantSource clock) {
    this.records = records;
    this.clock = clock;
  }

  /** The quotas of all projects that have one, by name. */
  public Map<String, Quota> all() {
    return records.read(handle -> {
      Map<String, Quota> all = new TreeMap<>();
      handle
          .select("SELECT project FROM quota")
          .mapTo(String.class)
          .forEach(
              project -> find(handle, project).ifPresent(row -> all.put(project, row.quota())));
      return all;
    });
  }

  /**
   * Sets or, with {@link Quota#NONE}, removes a project's quota. One below what is used takes
   * nothing away.
   */
  public void set(String project, Quota quota, String who) {
    records.write(handle -> {
      handle.execute("DELETE FROM quota WHERE project = ?", project);
      if (!quota.equals(Quota.NONE)) {
        handle.execute(
            "INSERT INTO quota (project, bytes, repositories, manifests, tags, used_bytes)"
                + " VALUES (?, ?, ?, ?, ?, ?)",
            project,
            quota.bytes().orElse(-1),
            quota.repositories().orElse(-1),
            quota.manifests().orElse(-1),
            quota.tags().orElse(-1),
            used(handle, project));
      }
      Outbox.append(
          handle, clock.instant(), "registry.quota.set", project, Json.object().put("by", who));
      return quota;
    });
  }

  /**
   * Makes an event of a refusal, at most one in {@link #QUIET} for each project and server: who
   * pushes on and on against a full quota must not fill the records.
   */
  public void refused(String repository, String reason) {
    String project = Projects.of(repository);
    Instant now = clock.instant();
    Instant before = told.get(project);
    if (before != null && now.isBefore(before.plus(QUIET)) && !now.isBefore(before)) {
      return;
    }
    told.put(project, now);
    records.write(handle -> {
      Outbox.append(
          handle,
          now,
          "registry.quota.exceeded",
          project,
          Json.object().put("repository", repository).put("reason", reason));
      return project;
    });
  }

  /** The bytes that a repository may still take; empty without a quota of bytes. */
  public OptionalLong freeBytes(String repository) {
    return records.read(handle -> freeBytes(handle, repository, clock.instant(), ""));
  }

  /** Whether a blob costs a repository nothing more, since its project has it. */
  public boolean has(String repository, Digest blob) {
    return records.read(handle -> isLinked(handle, repository, blob.toString()));
  }

  /** Counts the bytes of all quotas anew. */
  void recount() {
    all()
        .keySet()
        .forEach(project ->
            records.write(handle ->
                handle.execute(
                    "UPDATE quota SET used_bytes = ? WHERE project = ?",
                    used(handle, project),
                    project)));
  }

  // In the transaction of a push

  /**
   * Before a blob is linked.
   *
   * @throws BullaException {@link ErrorCode#QUOTA_EXCEEDED}
   */
  static void chargeBlob(Handle handle, long repository, String name, String digest, Instant now) {
    String project = Projects.of(name);
    Optional<Row> row = find(handle, project);
    if (row.isEmpty()) {
      return;
    }
    requireRepository(handle, row.get(), repository, project);
    if (isThere(handle, LINKED, digest, project)) {
      return;
    }
    long size = number(handle, "SELECT size FROM blob WHERE digest = ?", digest);
    OptionalLong limit = row.get().quota().bytes();
    long taken = UploadRoom.taken(handle, project, now, "");
    if (limit.isPresent() && row.get().usedBytes() + taken + size > limit.getAsLong()) {
      throw exceeded(
          project,
          "%d bytes, uses %d, uploads under way have %d, and blob %s has %d"
              .formatted(limit.getAsLong(), row.get().usedBytes(), taken, digest, size));
    }
    handle.execute("UPDATE quota SET used_bytes = used_bytes + ? WHERE project = ?", size, project);
  }

  /** After a blob was unlinked. */
  static void releaseBlob(Handle handle, String project, String digest) {
    if (find(handle, project).isPresent() && !isThere(handle, LINKED, digest, project)) {
      handle.execute(
          "UPDATE quota SET used_bytes = used_bytes -"
              + " (SELECT coalesce(max(size), 0) FROM blob WHERE digest = ?) WHERE project = ?",
          digest,
          project);
    }
  }

  /**
   * Before a manifest and tags that are new are stored.
   *
   * @throws BullaException {@link ErrorCode#QUOTA_EXCEEDED}
   */
  static void requireManifest(
      Handle handle, long repository, String name, boolean isNew, long newTags) {
    String project = Projects.of(name);
    Optional<Row> row = find(handle, project);
    if (row.isEmpty()) {
      return;
    }
    requireRepository(handle, row.get(), repository, project);
    OptionalLong manifests = row.get().quota().manifests();
    if (isNew && manifests.isPresent()) {
      long has = number(handle, MANIFESTS, project);
      if (has + 1 > manifests.getAsLong()) {
        throw exceeded(project, "%d manifests and has %d".formatted(manifests.getAsLong(), has));
      }
    }
    OptionalLong tags = row.get().quota().tags();
    if (newTags > 0 && tags.isPresent()) {
      long has = number(handle, TAGS, project, project);
      if (has + newTags > tags.getAsLong()) {
        throw exceeded(project, "%d tags and has %d".formatted(tags.getAsLong(), has));
      }
    }
  }

  /**
   * The bytes that a quota leaves to one upload; empty if there is none.
   *
   * @param upload whose room is not counted
   */
  static OptionalLong freeBytes(Handle handle, String name, Instant now, String upload) {
    String project = Projects.of(name);
    Optional<Row> row = find(handle, project).filter(one -> one.quota().bytes().isPresent());
    return row.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(
            row.get().quota().bytes().getAsLong()
                - row.get().usedBytes()
                - UploadRoom.taken(handle, project, now, upload));
  }

  static boolean limitsBytes(Handle handle, String name) {
    return find(handle, Projects.of(name))
        .filter(row -> row.quota().bytes().isPresent())
        .isPresent();
  }

  /** Whether the project has a blob already. */
  static boolean isLinked(Handle handle, String name, String digest) {
    return isThere(handle, LINKED, digest, Projects.of(name));
  }

  static boolean applies(Handle handle, String name) {
    return find(handle, Projects.of(name)).isPresent();
  }

  private static void requireRepository(Handle handle, Row row, long repository, String project) {
    OptionalLong limit = row.quota().repositories();
    if (limit.isPresent() && isThere(handle, EMPTY, repository)) {
      long has = number(handle, REPOSITORIES, project);
      if (has + 1 > limit.getAsLong()) {
        throw exceeded(project, "%d repositories and has %d".formatted(limit.getAsLong(), has));
      }
    }
  }

  private static Optional<Row> find(Handle handle, String project) {
    return handle
        .select(FIND, project)
        .map((row, context) ->
            new Row(
                new Quota(
                    limit(row.getLong(1)),
                    limit(row.getLong(2)),
                    limit(row.getLong(3)),
                    limit(row.getLong(4))),
                row.getLong(5)))
        .findOne();
  }

  private static OptionalLong limit(long value) {
    return value < 0 ? OptionalLong.empty() : OptionalLong.of(value);
  }

  private static long used(Handle handle, String project) {
    return number(handle, USED, project);
  }

  private static long number(Handle handle, String sql, Object... arguments) {
    return handle.select(sql, arguments).mapTo(Long.class).findOne().orElse(0L);
  }

  private static boolean isThere(Handle handle, String sql, Object... arguments) {
    return handle.select(sql, arguments).mapTo(Integer.class).findFirst().isPresent();
  }

  static BullaException exceeded(String project, String what) {
    return new BullaException(
        ErrorCode.QUOTA_EXCEEDED,
        "project %s has a quota of %s".formatted(project, what),
        "Delete what is not needed and collect, or ask the owner of the registry for more.");
  }
}
