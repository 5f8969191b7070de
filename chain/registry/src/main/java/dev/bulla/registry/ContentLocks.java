package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Protection.Kind;
import dev.bulla.store.Outbox;
import dev.bulla.store.Records;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * Who has locked what: attributes of repositories, manifests and tags, rules of immutable tags, and
 * legal holds. {@link Protection} heeds them. Every change says who made it, here and as an event.
 * Thread-safe.
 */
public final class ContentLocks {
  private static final int MAX_REASON = 1_000;

  private static final String HOLDS =
      """
      SELECT h.id, r.name, h.digest, h.reason, h.set_by, h.since, h.released, h.released_by
        FROM legal_hold h JOIN repository r ON r.id = h.repository
       WHERE (? = 1 OR h.released = 0) ORDER BY h.id\
      """;

  private static final String SET =
      """
      INSERT INTO attribute_lock (repository, kind, name, delete_enabled, write_enabled, read_enabled,
        list_enabled, set_by, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)\
      """;

  private final Records records;
  private final InstantSource clock;
  private final ManifestTable manifests;
  private final BlobTable blobs;

  ContentLocks(Records records, ManifestTable manifests, BlobTable blobs, InstantSource clock) {
    this.records = records;
    this.manifests = manifests;
    this.blobs = blobs;
    this.clock = clock;
  }

  // Attributes

  /** Sets the attributes of a repository. */
  public void lockRepository(String repository, Attributes attributes, String who) {
    set(repository, Kind.REPOSITORY, "", attributes, who);
  }

  /** Sets the attributes of a manifest. */
  public void lockManifest(String repository, Digest digest, Attributes attributes, String who) {
    set(repository, Kind.MANIFEST, digest.toString(), attributes, who);
  }

  /** Sets the attributes of a tag. */
  public void lockTag(String repository, String tag, Attributes attributes, String who) {
    set(repository, Kind.TAG, tag, attributes, who);
  }

  private void set(String repository, Kind kind, String name, Attributes attributes, String who) {
    Instant now = clock.instant();
    try {
      records.write(handle -> {
        records.changes().mark(handle, repository);
        long id = require(handle, repository, kind, name);
        Protection.forget(handle, id, kind, name);
        if (!attributes.equals(Attributes.ALL)) {
          handle.execute(
              SET,
              id,
              kind.name(),
              name,
              number(attributes.deleteEnabled()),
              number(attributes.writeEnabled()),
              number(attributes.readEnabled()),
              number(attributes.listEnabled()),
              who,
              now.toEpochMilli());
        }
        Outbox.append(
            handle,
            now,
            "registry.attributes.changed",
            kind == Kind.MANIFEST ? name : repository,
            Json.object()
                .put("repository", repository)
                .put("kind", kind.name().toLowerCase(java.util.Locale.ROOT))
                .put("name", name)
                .put("deleteEnabled", attributes.deleteEnabled())
                .put("writeEnabled", attributes.writeEnabled())
                .put("readEnabled", attributes.readEnabled())
                .put("listEnabled", attributes.listEnabled())
                .put("by", who));
        return id;
      });
    } finally {
      manifests.changed(repository);
      blobs.changed(List.of(repository));
    }
  }

  /** The id of a repository that has what is to be locked. */
  private static long require(Handle handle, String repository, Kind kind, String name) {
    long id =
        ManifestTable.idOf(handle, repository)
            .orElseThrow(() ->
                new BullaException(
                    ErrorCode.REPOSITORY_NOT_FOUND, "there is no repository " + repository));
    String sql =
        switch (kind) {
          case REPOSITORY -> "SELECT 1 FROM manifest WHERE repository = ? AND ? = '' LIMIT 1";
          case MANIFEST -> "SELECT 1 FROM manifest WHERE repository = ? AND digest = ?";
          case TAG -> "SELECT 1 FROM tag WHERE repository = ? AND name = ?";
        };
    if (handle.select(sql, id, name).mapTo(Integer.class).findOne().isEmpty()) {
      throw kind == Kind.REPOSITORY
          ? new BullaException(
              ErrorCode.REPOSITORY_NOT_FOUND, "repository " + repository + " holds nothing")
          : Names.noManifest(repository, name);
    }
    return id;
  }

  // Immutable tags

  public List<ImmutableRule> immutable() {
    return records.read(Protection::rules);
  }

  /** Makes tags immutable; false if the rule was there. */
  public boolean makeImmutable(ImmutableRule rule) {
    return records.write(handle -> {
      int added =
          handle.execute(
              "INSERT INTO immutable_rule (glob, tags, set_by, since) VALUES (?, ?, ?, ?)"
                  + " ON CONFLICT (glob, tags) DO NOTHING",
              rule.repositories(),
              rule.tags(),
              rule.setBy(),
              rule.since().toEpochMilli());
      if (added > 0) {
        event(handle, rule.since(), "registry.immutable.added", rule.toString(), rule.setBy());
      }
      return added > 0;
    });
  }

  /** Takes a rule away; false if there is none like it. */
  public boolean removeImmutable(ImmutableRule rule, String who) {
    return records.write(handle -> {
      int removed =
          handle.execute(
              "DELETE FROM immutable_rule WHERE glob = ? AND tags = ?",
              rule.repositories(),
              rule.tags());
      if (removed > 0) {
        event(handle, clock.instant(), "registry.immutable.removed", rule.toString(), who);
      }
      return removed > 0;
    });
  }

  // Holds

  /**
   * Legal holds, the oldest first.
   *
   * @param all also those that were released
   */
  public List<LegalHold> holds(boolean all) {
    return records.read(handle -> handle.select(HOLDS, all ? 1 : 0).map(ContentLocks::hold).list());
  }

  /**
   * Puts a hold on a manifest, its parts and its evidence, present and future.
   *
   * @throws BullaException {@link ErrorCode#MANIFEST_NOT_FOUND}; {@link ErrorCode#USAGE} if the
   *     reason is empty or too long
   */
  public LegalHold hold(String repository, Digest digest, String reason, String who) {
    if (reason.isBlank() || reason.length() > MAX_REASON) {
      throw new BullaException(
          ErrorCode.USAGE,
          "a hold needs a reason of at most %d characters".formatted(MAX_REASON),
          "Say why, for example --reason 'case 2026-17'.");
    }
    Instant now = clock.instant();
    long number =
        records.write(handle -> {
          long id = require(handle, repository, Kind.MANIFEST, digest.toString());
          long row =
              handle
                  .select(
                      "INSERT INTO legal_hold (repository, digest, reason, set_by, since, released,"
                          + " released_by) VALUES (?, ?, ?, ?, ?, 0, '') RETURNING id",
                      id,
                      digest.toString(),
                      reason,
                      who,
                      now.toEpochMilli())
                  .mapTo(Long.class)
                  .one();
          held(handle, now, "registry.hold.set", repository, digest.toString(), row, who);
          return row;
        });
    return new LegalHold(number, repository, digest, reason, who, now, Optional.empty(), "");
  }

  /**
   * Releases a hold.
   *
   * @throws BullaException {@link ErrorCode#CONFLICT} if there is none of this number, or it was
   *     released
   */
  public LegalHold release(long id, String who) {
    Instant now = clock.instant();
    return records.write(handle -> {
      int released =
          handle.execute(
              "UPDATE legal_hold SET released = ?, released_by = ? WHERE id = ? AND released = 0",
              now.toEpochMilli(),
              who,
              id);
      if (released == 0) {
        throw new BullaException(
            ErrorCode.CONFLICT,
            "there is no hold %d that could be released".formatted(id),
            "See 'bulla registry hold'.");
      }
      LegalHold hold =
          handle.select(HOLDS, 1).map(ContentLocks::hold).list().stream()
              .filter(one -> one.id() == id)
              .findFirst()
              .orElseThrow();
      held(
          handle,
          now,
          "registry.hold.released",
          hold.repository(),
          hold.digest().toString(),
          id,
          who);
      return hold;
    });
  }

  private static void held(
      Handle handle,
      Instant now,
      String type,
      String repository,
      String digest,
      long id,
      String who) {
    Outbox.append(
        handle,
        now,
        type,
        digest,
        Json.object().put("repository", repository).put("hold", id).put("by", Shown.text(who)));
  }

  private static void event(Handle handle, Instant now, String type, String rule, String who) {
    Outbox.append(handle, now, type, rule, Json.object().put("by", who));
  }

  private static int number(boolean value) {
    return value ? 1 : 0;
  }

  private static LegalHold hold(ResultSet row, StatementContext context) throws SQLException {
    long released = row.getLong(7);
    return new LegalHold(
        row.getLong(1),
        row.getString(2),
        Digest.parse(row.getString(3)),
        row.getString(4),
        row.getString(5),
        Instant.ofEpochMilli(row.getLong(6)),
        released == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(released)),
        row.getString(8));
  }
}
