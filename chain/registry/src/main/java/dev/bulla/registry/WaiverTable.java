package dev.bulla.registry;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Waiver.Approval;
import dev.bulla.store.Outbox;
import dev.bulla.store.Records;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import tools.jackson.databind.node.ArrayNode;

/** Requests for exceptions, and who agreed to them. */
final class WaiverTable {
  private static final int MAX_IN_FORCE = 100;

  private static final String SELECT =
      """
      SELECT w.id, r.name, w.digest, w.clauses, w.reason, w.requester, w.requested, w.expires,
             w.revoked, w.revoked_by
        FROM waiver w JOIN repository r ON r.id = w.repository
      """;

  private final Records records;

  WaiverTable(Records records) {
    this.records = records;
  }

  /** Stores a request; its own id counts for nothing. Returns it with the id it got. */
  Waiver add(Waiver waiver) {
    ArrayNode clauses = Json.array();
    waiver.clauses().forEach(clauses::add);
    return records.write(handle -> {
      long repository = Repositories.idOf(handle, waiver.repository(), waiver.requested());
      long id =
          handle
              .select(
                  "INSERT INTO waiver (repository, digest, clauses, reason, requester, requested,"
                      + " expires) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
                  repository,
                  waiver.digest().toString(),
                  new String(Json.write(clauses), StandardCharsets.UTF_8),
                  waiver.reason(),
                  waiver.requester(),
                  waiver.requested().toEpochMilli(),
                  waiver.expires().toEpochMilli())
              .mapTo(Long.class)
              .one();
      event(handle, waiver.requested(), "requested", waiver, id, waiver.requester());
      return find(handle, id).orElseThrow();
    });
  }

  /** False if this approver has agreed before. */
  boolean approve(Waiver waiver, String approver, Instant now) {
    return records.write(handle -> {
      boolean fresh =
          handle.execute(
                  "INSERT INTO waiver_approval (waiver, approver, approved) VALUES (?, ?, ?)"
                      + " ON CONFLICT (waiver, approver) DO NOTHING",
                  waiver.id(),
                  approver,
                  now.toEpochMilli())
              > 0;
      if (fresh) {
        event(handle, now, "approved", waiver, waiver.id(), approver);
      }
      return fresh;
    });
  }

  /** False if it is revoked already. */
  boolean revoke(Waiver waiver, String author, Instant now) {
    return records.write(handle -> {
      boolean was =
          handle.execute(
                  "UPDATE waiver SET revoked = ?, revoked_by = ? WHERE id = ? AND revoked = 0",
                  now.toEpochMilli(),
                  author,
                  waiver.id())
              > 0;
      if (was) {
        event(handle, now, "revoked", waiver, waiver.id(), author);
      }
      return was;
    });
  }

  Optional<Waiver> find(long id) {
    return records.read(handle -> find(handle, id));
  }

  private static Optional<Waiver> find(Handle handle, long id) {
    return handle
        .select(SELECT + "WHERE w.id = ?", id)
        .map(WaiverTable::row)
        .findOne()
        .map(one -> approved(handle, one));
  }

  /** The newest first; those before {@code last}, unless that is 0. */
  List<Waiver> list(String repository, long last, int limit) {
    return records.read(handle ->
        approved(
            handle,
            handle
                .select(
                    SELECT
                        + "WHERE (? = '' OR r.name = ?) AND (? = 0 OR w.id < ?)"
                        + " ORDER BY w.id DESC LIMIT ?",
                    repository,
                    repository,
                    last,
                    last,
                    limit)
                .map(WaiverTable::row)
                .list()));
  }

  /** Those about a manifest that count now. */
  List<Waiver> effective(String repository, Digest digest, Instant now) {
    return records.read(handle ->
        approved(
                handle,
                handle
                    .select(
                        SELECT
                            + "WHERE r.name = ? AND w.digest = ? AND w.revoked = 0 AND w.expires >"
                            + " ? ORDER BY w.expires DESC, w.id LIMIT ?",
                        repository,
                        digest.toString(),
                        now.toEpochMilli(),
                        MAX_IN_FORCE)
                    .map(WaiverTable::row)
                    .list())
            .stream()
            .filter(one -> one.status(now) == Waiver.Status.EFFECTIVE)
            .toList());
  }

  private static List<Waiver> approved(Handle handle, List<Waiver> all) {
    return all.stream().map(one -> approved(handle, one)).toList();
  }

  private static Waiver approved(Handle handle, Waiver one) {
    List<Approval> approvals =
        handle
            .select(
                "SELECT approver, approved FROM waiver_approval WHERE waiver = ?"
                    + " ORDER BY approved, approver",
                one.id())
            .map((row, context) ->
                new Approval(row.getString(1), Instant.ofEpochMilli(row.getLong(2))))
            .list();
    return new Waiver(
        one.id(),
        one.repository(),
        one.digest(),
        one.clauses(),
        one.reason(),
        one.requester(),
        one.requested(),
        one.expires(),
        approvals,
        one.revoked());
  }

  private static Waiver row(ResultSet row, StatementContext context) throws SQLException {
    List<String> clauses = new ArrayList<>();
    Json.parse(row.getString(4).getBytes(StandardCharsets.UTF_8), "clauses")
        .forEach(one -> clauses.add(one.asString("")));
    long revoked = row.getLong(9);
    return new Waiver(
        row.getLong(1),
        row.getString(2),
        Digest.parse(row.getString(3)),
        clauses,
        row.getString(5),
        row.getString(6),
        Instant.ofEpochMilli(row.getLong(7)),
        Instant.ofEpochMilli(row.getLong(8)),
        List.of(),
        revoked == 0
            ? Optional.empty()
            : Optional.of(new Approval(row.getString(10), Instant.ofEpochMilli(revoked))));
  }

  private static void event(
      Handle handle, Instant now, String what, Waiver waiver, long id, String author) {
    Outbox.append(
        handle,
        now,
        "registry.waiver." + what,
        waiver.digest().toString(),
        Json.object().put("repository", waiver.repository()).put("waiver", id).put("by", author));
  }
}
