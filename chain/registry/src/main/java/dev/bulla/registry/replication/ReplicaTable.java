package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.store.Records;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * What one replication knows of one repository: how far it has read, what the source has, and what
 * of it is here.
 */
final class ReplicaTable {
  private static final String CONTENT =
      "SELECT digest, media_type, size, subject, held, reason, attempts, told FROM replica_content"
          + " WHERE replication = ? AND repository = ? ";

  private static final String WANT =
      """
      INSERT INTO replica_content (replication, repository, digest, media_type, size, subject, held,
        reason, attempts, retry, judge, told) VALUES (?, ?, ?, ?, ?, ?, 0, '', 0, 0, 0, '')
      ON CONFLICT (replication, repository, digest) DO UPDATE SET media_type = excluded.media_type,
        size = excluded.size, subject = excluded.subject\
      """;

  private static final String WANT_TAG =
      """
      INSERT INTO replica_tag (replication, repository, name, digest, held) VALUES (?, ?, ?, ?, 0)
      ON CONFLICT (replication, repository, name) DO UPDATE SET
        held = CASE WHEN replica_tag.digest = excluded.digest THEN replica_tag.held ELSE 0 END,
        digest = excluded.digest\
      """;

  private static final String MOVE =
      """
      INSERT INTO replica_position (replication, repository, seq, hash, signed, head)
      VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (replication, repository) DO UPDATE SET seq = excluded.seq, hash = excluded.hash,
        signed = excluded.signed, head = excluded.head\
      """;

  /** What was held and is gone here by another hand is wanted again. */
  private static final String LOST =
      """
      UPDATE replica_content SET held = 0, retry = 0 WHERE replication = ? AND repository = ?
         AND held = 1 AND NOT EXISTS (
           SELECT 1 FROM manifest m JOIN repository r ON r.id = m.repository
            WHERE r.name = replica_content.repository AND m.digest = replica_content.digest)\
      """;

  private static final String LOST_TAG =
      """
      UPDATE replica_tag SET held = 0 WHERE replication = ? AND repository = ? AND held = 1
         AND NOT EXISTS (
           SELECT 1 FROM tag t JOIN repository r ON r.id = t.repository
            WHERE r.name = replica_tag.repository AND t.name = replica_tag.name)
         AND NOT EXISTS (
           SELECT 1 FROM pending_tag t JOIN repository r ON r.id = t.repository
            WHERE r.name = replica_tag.repository AND t.name = replica_tag.name)\
      """;

  /** What a manifest is about, and the indexes that it is a part of. */
  private static final String ABOVE =
      """
      SELECT subject FROM replica_content
       WHERE replication = ? AND repository = ? AND digest = ? AND subject <> ''
      UNION SELECT m.digest FROM edge e JOIN manifest m ON m.id = e.manifest
        JOIN repository r ON r.id = m.repository
       WHERE r.name = ? AND e.child = ? AND e.role = 'MANIFEST'\
      """;

  private static final String NAMES =
      "SELECT name FROM replica_tag WHERE replication = ? AND repository = ? AND digest = ?";

  private static final Pattern EVIDENCE_TAG =
      Pattern.compile("(sha256)-([0-9a-f]{64})(?:\\.(?:sig|att|sbom))?");
  private static final int MAX_AROUND = 1_000;

  /**
   * A manifest that the source has.
   *
   * @param subject what it is about, or empty
   * @param held whether it is here with all that belongs to it
   * @param told what the source was told of it last, or empty
   */
  record Content(
      Descriptor descriptor,
      String subject,
      boolean held,
      String reason,
      long attempts,
      String told) {}

  record Tag(String name, Digest digest, boolean held) {}

  private final Records records;
  private final long replication;
  private final String repository;

  ReplicaTable(Records records, long replication, String repository) {
    this.records = records;
    this.replication = replication;
    this.repository = repository;
  }

  Position position() {
    return records.read(this::position);
  }

  private Position position(Handle handle) {
    return handle
        .select(
            "SELECT seq, hash, signed, head FROM replica_position"
                + " WHERE replication = ? AND repository = ?",
            replication,
            repository)
        .map((row, context) ->
            new Position(row.getLong(1), row.getString(2), row.getLong(3), row.getLong(4)))
        .findOne()
        .orElseGet(() -> Position.begin(repository));
  }

  /**
   * Takes over what the source told, and remembers where it ends.
   *
   * @param from where the entries were found to follow
   * @throws BullaException {@link ErrorCode#CONFLICT} if another process has gone on from there
   */
  void apply(List<FeedEntry> entries, Position from, Position end) {
    records.write(handle -> {
      if (!position(handle).equals(from)) {
        throw new BullaException(
            ErrorCode.CONFLICT, "another process goes on with the replication of " + repository);
      }
      entries.forEach(entry -> apply(handle, entry));
      return handle.execute(
          MOVE, replication, repository, end.seq(), end.hash(), end.signed(), end.head());
    });
  }

  /** Remembers how the source itself comes by the repository. */
  void comesBy(List<String> homes) {
    String way = String.join(" ", homes);
    String known =
        records.read(handle ->
            handle
                .select(
                    "SELECT homes FROM replica_home WHERE replication = ? AND repository = ?",
                    replication,
                    repository)
                .mapTo(String.class)
                .findOne()
                .orElse(""));
    if (!way.equals(known)) {
      records.write(handle ->
          handle.execute(
              "INSERT INTO replica_home (replication, repository, homes) VALUES (?, ?, ?)"
                  + " ON CONFLICT (replication, repository) DO UPDATE SET homes = excluded.homes",
              replication,
              repository,
              way));
    }
  }

  private void apply(Handle handle, FeedEntry entry) {
    switch (entry.type()) {
      case PUSH ->
          handle.execute(
              WANT,
              replication,
              repository,
              entry.digest(),
              entry.mediaType(),
              entry.size(),
              entry.subject());
      case DELETE -> {
        judgeAround(handle, entry.digest());
        change(handle, "DELETE FROM replica_content", "digest = ?", entry.digest());
        change(handle, "DELETE FROM replica_tag", "digest = ?", entry.digest());
      }
      case TAG -> {
        handle.execute(WANT_TAG, replication, repository, entry.tag(), entry.digest());
        tagged(entry.tag()).ifPresent(subject -> judgeAround(handle, subject));
      }
      case UNTAG -> {
        tagged(entry.tag()).ifPresent(subject -> judgeAround(handle, subject));
        change(handle, "DELETE FROM replica_tag", "name = ?", entry.tag());
      }
      case ADMIT ->
          change(handle, "UPDATE replica_content SET retry = 0", "digest = ?", entry.digest());
      case REVOKE ->
          change(handle, "UPDATE replica_content SET judge = 1", "digest = ?", entry.digest());
    }
  }

  private int change(Handle handle, String what, String where, Object argument) {
    return handle.execute(
        what + " WHERE replication = ? AND repository = ? AND " + where,
        replication,
        repository,
        argument);
  }

  /** Has what is missing here, though it was held, fetched again. */
  void missLost() {
    records.write(handle ->
        handle.execute(LOST, replication, repository)
            + handle.execute(LOST_TAG, replication, repository));
  }

  /** What is not here and may be tried now. */
  List<Content> due(long now, String after, int limit) {
    return contents(
        "AND held = 0 AND retry <= ? AND digest > ? ORDER BY digest LIMIT ?", now, after, limit);
  }

  /** What is not here, with the reason. */
  List<Content> lacking(int limit) {
    return contents("AND held = 0 ORDER BY digest LIMIT ?", limit);
  }

  List<Content> all(String after, int limit) {
    return contents("AND digest > ? ORDER BY digest LIMIT ?", after, limit);
  }

  Optional<Content> find(Digest digest) {
    return contents("AND digest = ?", digest.toString()).stream().findFirst();
  }

  List<Content> about(Digest subject) {
    return contents("AND subject = ? ORDER BY digest", subject.toString());
  }

  List<Content> toJudge(int limit) {
    return contents("AND judge = 1 ORDER BY digest LIMIT ?", limit);
  }

  /** Tags that begin so. */
  List<Tag> tagsBeginning(String prefix) {
    return tags("AND name >= ? AND name < ? ORDER BY name", prefix, prefix + "~");
  }

  /** Tags that do not point where they do at the source, though their manifest is here. */
  List<Tag> tagsDue(int limit) {
    return tags(
        "AND held = 0 AND EXISTS (SELECT 1 FROM replica_content c WHERE c.replication ="
            + " replica_tag.replication AND c.repository = replica_tag.repository"
            + " AND c.digest = replica_tag.digest AND c.held = 1) ORDER BY name LIMIT ?",
        limit);
  }

  /** The names that a manifest has at the source. */
  List<String> tagsOf(String digest) {
    return tags("AND digest = ? ORDER BY name", digest).stream().map(Tag::name).toList();
  }

  List<Tag> allTags() {
    return tags("ORDER BY name");
  }

  void held(Digest digest) {
    records.write(handle -> {
      judgeAround(handle, digest.toString());
      return change(
          handle,
          "UPDATE replica_content SET held = 1, judge = 1, reason = '', attempts = 0",
          "digest = ?",
          digest.toString());
    });
  }

  /** What this belongs to, by any way, has another closure now. */
  private void judgeAround(Handle handle, String changed) {
    Set<String> seen = new HashSet<>(Set.of(changed));
    Deque<String> left = new ArrayDeque<>(seen);
    while (!left.isEmpty() && seen.size() < MAX_AROUND) {
      String one = left.remove();
      change(handle, "UPDATE replica_content SET judge = 1", "digest = ?", one);
      List<String> above = new ArrayList<>();
      handle
          .select(ABOVE, replication, repository, one, repository, one)
          .mapTo(String.class)
          .forEach(above::add);
      handle
          .select(NAMES, replication, repository, one)
          .mapTo(String.class)
          .forEach(name -> tagged(name).ifPresent(above::add));
      above.stream().filter(seen::add).forEach(left::add);
    }
  }

  /** The digest whose evidence lies under a tag as cosign names them. */
  private static Optional<String> tagged(String name) {
    Matcher form = EVIDENCE_TAG.matcher(name);
    return form.matches() ? Optional.of(form.group(1) + ":" + form.group(2)) : Optional.empty();
  }

  /** What is about this, or of which this is a part, may have to be judged again. */
  void judge(Digest digest) {
    update("UPDATE replica_content SET judge = 1", "digest = ?", digest.toString());
  }

  void judgeAll() {
    update("UPDATE replica_content SET judge = 1", "held = ?", 1);
  }

  void tagHeld(Tag tag) {
    records.write(handle -> {
      tagged(tag.name()).ifPresent(subject -> judgeAround(handle, subject));
      return handle.execute(
          "UPDATE replica_tag SET held = 1 WHERE replication = ? AND repository = ? AND name = ?"
              + " AND digest = ?",
          replication,
          repository,
          tag.name(),
          tag.digest().toString());
    });
  }

  void lacks(Digest digest, String reason, long retry) {
    records.write(handle ->
        handle.execute(
            "UPDATE replica_content SET reason = ?, retry = ?, attempts = attempts + 1, judge = 1"
                + " WHERE replication = ? AND repository = ? AND digest = ?",
            reason,
            retry,
            replication,
            repository,
            digest.toString()));
  }

  /** Nothing that is lacking is tried before this time. */
  void lackAll(String reason, long retry) {
    records.write(handle ->
        handle.execute(
            "UPDATE replica_content SET reason = ?, retry = ?, judge = 1"
                + " WHERE replication = ? AND repository = ? AND held = 0",
            reason,
            retry,
            replication,
            repository));
  }

  /** Whether anything is here. */
  boolean holdsAny() {
    return !contents("AND held = 1 LIMIT 1").isEmpty();
  }

  void told(Digest digest, String what) {
    records.write(handle ->
        handle.execute(
            "UPDATE replica_content SET judge = 0, told = ?"
                + " WHERE replication = ? AND repository = ? AND digest = ?",
            what,
            replication,
            repository,
            digest.toString()));
  }

  private void update(String what, String where, Object argument) {
    records.write(handle -> change(handle, what, where, argument));
  }

  private List<Content> contents(String more, Object... arguments) {
    return records.read(
        handle -> handle.select(CONTENT + more, with(arguments)).map(ReplicaTable::content).list());
  }

  private List<Tag> tags(String more, Object... arguments) {
    return records.read(handle ->
        handle
            .select(
                "SELECT name, digest, held FROM replica_tag"
                    + " WHERE replication = ? AND repository = ? "
                    + more,
                with(arguments))
            .map((row, context) ->
                new Tag(row.getString(1), Digest.parse(row.getString(2)), row.getLong(3) == 1))
            .list());
  }

  private Object[] with(Object[] arguments) {
    Object[] all = new Object[arguments.length + 2];
    all[0] = replication;
    all[1] = repository;
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    return all;
  }

  private static Content content(ResultSet row, StatementContext context) throws SQLException {
    return new Content(
        new Descriptor(row.getString(2), Digest.parse(row.getString(1)), row.getLong(3)),
        row.getString(4),
        row.getLong(5) == 1,
        row.getString(6),
        row.getLong(7),
        row.getString(8));
  }
}
