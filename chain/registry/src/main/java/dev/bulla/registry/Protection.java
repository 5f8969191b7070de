package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/**
 * What may not be changed: locks of attributes, immutable tags and legal holds. Every method is
 * asked inside the transaction that would make the change, so nothing comes between.
 *
 * <p><b>What protects something protects what it is made of.</b> The parts of a locked, held or
 * immutably tagged index cannot go, nor can a blob of it. A hold and a lock of a manifest protect
 * its evidence too; that of an immutable tag may be replaced, since signatures are renewed. So the
 * question about a manifest goes upwards: to the indexes that it is a part of, and to the subjects
 * that it is evidence of. What nobody has protected costs one query.
 */
final class Protection {
  private static final String ANY =
      """
      SELECT 1 FROM attribute_lock WHERE repository = ?
      UNION ALL SELECT 1 FROM legal_hold WHERE repository = ? AND released = 0
      UNION ALL SELECT 1 FROM immutable_rule LIMIT 1\
      """;

  private static final String PARENTS =
      """
      SELECT m.digest FROM edge e JOIN manifest m ON m.id = e.manifest
       WHERE e.child = ? AND m.repository = ?\
      """;

  private static final String ATTRIBUTES =
      """
      SELECT delete_enabled, write_enabled, read_enabled, list_enabled FROM attribute_lock
       WHERE repository = ? AND kind = ? AND name = ?\
      """;

  /** A condition on a repository {@code r}, in SQL: nobody may read it. */
  static final String REPOSITORY_HIDDEN =
      """
      EXISTS (SELECT 1 FROM attribute_lock a WHERE a.repository = r.id AND a.kind = 'REPOSITORY'
        AND a.name = '' AND a.read_enabled = 0)\
      """;

  /** The same of a manifest {@code m} in a repository {@code r}. */
  static final String MANIFEST_HIDDEN =
      """
      EXISTS (SELECT 1 FROM attribute_lock a WHERE a.repository = r.id AND a.read_enabled = 0
        AND (a.kind = 'REPOSITORY' OR a.kind = 'MANIFEST' AND a.name = m.digest))\
      """;

  /** The same of a tag {@code t} that points at a manifest {@code m}. */
  static final String TAG_HIDDEN =
      """
      EXISTS (SELECT 1 FROM attribute_lock a WHERE a.repository = r.id AND a.read_enabled = 0
        AND (a.kind = 'REPOSITORY' OR a.kind = 'MANIFEST' AND a.name = m.digest
          OR a.kind = 'TAG' AND a.name = t.name))\
      """;

  /** The same of a blob that is linked by {@code l}: only manifests that are hidden have it. */
  static final String BLOB_HIDDEN =
      """
      EXISTS (SELECT 1 FROM attribute_lock a WHERE a.repository = l.repository AND a.read_enabled = 0
        AND (a.kind = 'REPOSITORY' OR a.kind = 'MANIFEST' AND EXISTS (
          SELECT 1 FROM edge e JOIN manifest m ON m.id = e.manifest
           WHERE e.child = l.digest AND m.repository = l.repository AND m.digest = a.name)
         AND NOT EXISTS (
          SELECT 1 FROM edge e JOIN manifest m ON m.id = e.manifest
           WHERE e.child = l.digest AND m.repository = l.repository AND NOT EXISTS (
            SELECT 1 FROM attribute_lock o WHERE o.repository = m.repository
               AND o.kind = 'MANIFEST' AND o.name = m.digest AND o.read_enabled = 0))))\
      """;

  private Protection() {}

  /** What attributes are about. */
  enum Kind {
    REPOSITORY,
    MANIFEST,
    TAG
  }

  static Attributes attributes(Handle handle, long repository, Kind kind, String name) {
    return handle
        .select(ATTRIBUTES, repository, kind.name(), name)
        .map((row, context) ->
            new Attributes(
                row.getLong(1) != 0, row.getLong(2) != 0, row.getLong(3) != 0, row.getLong(4) != 0))
        .findOne()
        .orElse(Attributes.ALL);
  }

  /**
   * Refuses a push of a manifest, a blob or a mount into a repository that is locked.
   *
   * @throws BullaException {@link ErrorCode#CONTENT_LOCKED}
   */
  static void requireWritable(Handle handle, long repository, String name) {
    if (!attributes(handle, repository, Kind.REPOSITORY, "").writeEnabled()) {
      throw locked("repository " + name + " takes no pushes", "writeEnabled of it is false");
    }
  }

  /**
   * Refuses to point a tag at another manifest.
   *
   * @throws BullaException {@link ErrorCode#CONTENT_LOCKED}
   */
  static void requireMovable(
      Handle handle, long repository, String name, String tag, String digest) {
    if (!any(handle, repository)) {
      return;
    }
    Optional<String> current = target(handle, repository, tag);
    if (current.isPresent() && !current.get().equals(digest)) {
      keepsTag(handle, repository, name, tag, current.get(), false)
          .ifPresent(why -> {
            throw locked("tag %s:%s stays at %s".formatted(name, tag, current.get()), why);
          });
    }
  }

  /** Whether a tag that waited may be pointed at its manifest now. */
  static boolean movable(Handle handle, long repository, String name, String tag, String digest) {
    try {
      requireMovable(handle, repository, name, tag, digest);
      return true;
    } catch (BullaException e) {
      return false;
    }
  }

  /**
   * Refuses to delete a tag.
   *
   * @throws BullaException {@link ErrorCode#CONTENT_LOCKED}
   */
  static void requireTagDeletable(Handle handle, long repository, String name, String tag) {
    tagKept(handle, repository, name, tag)
        .ifPresent(why -> {
          throw locked("tag %s:%s is not deleted".formatted(name, tag), why);
        });
  }

  /** Why a tag must not be deleted; empty if it may. */
  static Optional<String> tagKept(Handle handle, long repository, String name, String tag) {
    return any(handle, repository)
        ? target(handle, repository, tag)
            .flatMap(digest -> keepsTag(handle, repository, name, tag, digest, true))
        : Optional.empty();
  }

  /**
   * Refuses to delete a manifest.
   *
   * @throws BullaException {@link ErrorCode#CONTENT_LOCKED}
   */
  static void requireDeletable(Handle handle, long repository, String name, String digest) {
    kept(handle, repository, name, digest)
        .ifPresent(why -> {
          throw locked("%s@%s is not deleted".formatted(name, digest), why);
        });
  }

  /**
   * Refuses to unlink a blob.
   *
   * @throws BullaException {@link ErrorCode#CONTENT_LOCKED}
   */
  static void requireUnlinkable(Handle handle, long repository, String name, String blob) {
    if (!any(handle, repository)) {
      return;
    }
    Optional<String> why = repositoryLock(handle, repository);
    for (String parent : list(handle, PARENTS, blob, repository)) {
      why = why.or(() -> kept(handle, repository, name, parent));
    }
    why.ifPresent(reason -> {
      throw locked("blob %s of %s is not deleted".formatted(blob, name), reason);
    });
  }

  /** Why a manifest must be kept; empty if it need not. */
  static Optional<String> kept(Handle handle, long repository, String name, String digest) {
    if (!any(handle, repository)) {
      return Optional.empty();
    }
    Optional<String> lock = repositoryLock(handle, repository);
    if (lock.isPresent()) {
      return lock;
    }
    for (String one : above(handle, repository, digest, true)) {
      Optional<String> hold = hold(handle, repository, one);
      if (hold.isPresent()) {
        return hold;
      }
      Attributes attributes = attributes(handle, repository, Kind.MANIFEST, one);
      if (!attributes.deletable()) {
        return Optional.of(attributes.locks() + " of " + one);
      }
    }
    for (String one : above(handle, repository, digest, false)) {
      for (String tag : tags(handle, repository, one)) {
        Optional<String> kept = keepsTag(handle, repository, name, tag, one, true);
        if (kept.isPresent()) {
          return kept;
        }
      }
    }
    return Optional.empty();
  }

  /** Whether a legal hold is on a manifest itself. */
  static Optional<String> hold(Handle handle, long repository, String digest) {
    return handle
        .select(
            "SELECT id, reason FROM legal_hold WHERE repository = ? AND digest = ?"
                + " AND released = 0 ORDER BY id LIMIT 1",
            repository,
            digest)
        .map((row, context) ->
            "legal hold %d is on %s (%s)".formatted(row.getLong(1), digest, row.getString(2)))
        .findOne();
  }

  static List<ImmutableRule> rules(Handle handle) {
    return handle
        .select("SELECT glob, tags, set_by, since FROM immutable_rule ORDER BY glob, tags")
        .map((row, context) ->
            new ImmutableRule(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                java.time.Instant.ofEpochMilli(row.getLong(4))))
        .list();
  }

  /** Forgets the attributes of what has been deleted. */
  static void forget(Handle handle, long repository, Kind kind, String name) {
    handle.execute(
        "DELETE FROM attribute_lock WHERE repository = ? AND kind = ? AND name = ?",
        repository,
        kind.name(),
        name);
  }

  static BullaException locked(String what, String why) {
    return new BullaException(
        ErrorCode.CONTENT_LOCKED,
        what + ": " + why,
        "Push under another name, or ask the owner of the registry.");
  }

  private static Optional<String> repositoryLock(Handle handle, long repository) {
    Attributes attributes = attributes(handle, repository, Kind.REPOSITORY, "");
    return attributes.deletable()
        ? Optional.empty()
        : Optional.of(attributes.locks() + " of the repository");
  }

  /** Why a tag must stay where it is. */
  private static Optional<String> keepsTag(
      Handle handle, long repository, String name, String tag, String digest, boolean delete) {
    Attributes own = attributes(handle, repository, Kind.TAG, tag);
    if (!own.writeEnabled() || delete && !own.deleteEnabled()) {
      return Optional.of(own.locks() + " of tag " + tag);
    }
    if (delete) {
      Optional<String> lock = repositoryLock(handle, repository);
      if (lock.isPresent()) {
        return lock;
      }
    }
    for (ImmutableRule rule : rules(handle)) {
      if (rule.matches(name, tag)) {
        return Optional.of("tags %s are immutable".formatted(rule));
      }
    }
    return above(handle, repository, digest, true).stream()
        .flatMap(one -> hold(handle, repository, one).stream())
        .findFirst();
  }

  /**
   * A manifest and all that it is a part of.
   *
   * @param evidence whether to go to the subjects of evidence too
   */
  private static Set<String> above(
      Handle handle, long repository, String digest, boolean evidence) {
    Set<String> seen = new LinkedHashSet<>();
    Deque<String> open = new ArrayDeque<>();
    open.add(digest);
    while (!open.isEmpty()) {
      String one = open.remove();
      if (!seen.add(one)) {
        continue;
      }
      open.addAll(list(handle, PARENTS, one, repository));
      if (evidence) {
        open.addAll(
            list(
                handle,
                "SELECT subject FROM referrer WHERE digest = ? AND repository = ?",
                one,
                repository));
        for (String tag : tags(handle, repository, one)) {
          if (EvidenceRule.isTag(tag)) {
            open.add(EvidenceRule.subjectOf(tag));
          }
        }
      }
    }
    return seen;
  }

  private static boolean any(Handle handle, long repository) {
    return handle.select(ANY, repository, repository).mapTo(Integer.class).findFirst().isPresent();
  }

  private static Optional<String> target(Handle handle, long repository, String tag) {
    return handle
        .select("SELECT digest FROM tag WHERE repository = ? AND name = ?", repository, tag)
        .mapTo(String.class)
        .findOne();
  }

  private static List<String> tags(Handle handle, long repository, String digest) {
    return list(
        handle, "SELECT name FROM tag WHERE digest = ? AND repository = ?", digest, repository);
  }

  private static List<String> list(Handle handle, String sql, String first, long repository) {
    return new ArrayList<>(handle.select(sql, first, repository).mapTo(String.class).list());
  }
}
