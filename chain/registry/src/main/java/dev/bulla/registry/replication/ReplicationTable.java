package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.store.Records;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/** The replications of a registry. */
final class ReplicationTable {
  private static final String SELECT =
      "SELECT id, source, glob, follow, credentials, region, bandwidth, source_key, ran, failure"
          + " FROM replication ";

  private static final String INSERT =
      """
      INSERT INTO replication (source, glob, follow, credentials, region, bandwidth, source_key,
        created, ran, failure) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, '')
      ON CONFLICT (glob) DO UPDATE SET follow = excluded.follow,
        credentials = excluded.credentials, region = excluded.region,
        bandwidth = excluded.bandwidth\
      """;

  private static final List<String> TABLES =
      List.of("replica_position", "replica_content", "replica_tag", "replica_home");

  private final Records records;
  private final InstantSource clock;

  ReplicationTable(Records records, InstantSource clock) {
    this.records = records;
    this.clock = clock;
  }

  List<Replication> all() {
    return records.read(
        handle -> handle.select(SELECT + "ORDER BY id").map(ReplicationTable::replication).list());
  }

  Optional<Replication> find(String glob) {
    return records.read(handle -> find(handle, glob));
  }

  private static Optional<Replication> find(Handle handle, String glob) {
    return handle
        .select(SELECT + "WHERE glob = ?", glob)
        .map(ReplicationTable::replication)
        .findOne();
  }

  /**
   * Makes a replication, or changes the settings of one.
   *
   * @throws BullaException {@link ErrorCode#CONFLICT} if a repository could match the pattern and
   *     one that has another source
   */
  Replication save(Replication wanted) {
    return records.write(handle -> {
      String glob = wanted.glob().text();
      requireOneHome(handle, wanted);
      handle.execute(
          INSERT,
          wanted.source(),
          glob,
          wanted.follow() ? 1 : 0,
          wanted.credentials(),
          wanted.region(),
          wanted.bandwidth(),
          wanted.sourceKey(),
          clock.millis());
      if (!wanted.sourceKey().isEmpty()) {
        handle.execute(
            "UPDATE replication SET source_key = ? WHERE glob = ?", wanted.sourceKey(), glob);
      }
      return find(handle, glob).orElseThrow();
    });
  }

  private static void requireOneHome(Handle handle, Replication wanted) {
    for (Replication one :
        handle.select(SELECT + "ORDER BY id").map(ReplicationTable::replication).list()) {
      if (one.glob().overlaps(wanted.glob()) && !one.source().equals(wanted.source())) {
        String known = one.glob().text();
        String wants = wanted.glob().text();
        throw new BullaException(
            ErrorCode.CONFLICT,
            known.equals(wants)
                ? "%s is replicated from %s already".formatted(known, one.source())
                : "%s is replicated from %s already, and a repository may match %s too"
                    .formatted(known, one.source(), wants),
            "A repository has one home. Use a pattern that nothing else matches, or end that"
                + " replication with --end first.");
      }
    }
  }

  /** Remembers the first key that was seen; returns the one that counts. */
  String keepKey(Replication one, String key) {
    return records.write(handle -> {
      handle.execute(
          "UPDATE replication SET source_key = ? WHERE id = ? AND source_key = ''", key, one.id());
      return handle
          .select("SELECT source_key FROM replication WHERE id = ?", one.id())
          .mapTo(String.class)
          .one();
    });
  }

  void ran(Replication one, String failure) {
    records.write(handle ->
        handle.execute(
            "UPDATE replication SET ran = ?, failure = ? WHERE id = ?",
            clock.millis(),
            failure,
            one.id()));
  }

  /** Forgets a replication; what it has brought stays. False if there is none. */
  boolean end(String glob) {
    return records.write(handle -> {
      Optional<Replication> known = find(handle, glob);
      for (String table : TABLES) {
        known.ifPresent(
            one -> handle.execute("DELETE FROM " + table + " WHERE replication = ?", one.id()));
      }
      return handle.execute("DELETE FROM replication WHERE glob = ?", glob) > 0;
    });
  }

  /** How copies come here, by repository: what their sources told of the way to their homes. */
  Map<String, List<String>> homes() {
    return records.read(handle -> {
      Map<String, List<String>> homes = new HashMap<>();
      handle
          .select("SELECT repository, homes FROM replica_home ORDER BY replication DESC")
          .map((row, context) -> Map.entry(row.getString(1), row.getString(2)))
          .filter(one -> !one.getValue().isEmpty())
          .forEach(one -> homes.put(one.getKey(), List.of(one.getValue().split(" "))));
      return homes;
    });
  }

  /** Whether anything has come. */
  boolean holdsAny(Replication one) {
    return records.read(handle ->
        handle
            .select(
                "SELECT 1 FROM replica_content WHERE replication = ? AND held = 1 LIMIT 1",
                one.id())
            .mapTo(Integer.class)
            .findOne()
            .isPresent());
  }

  /** Repositories of which something is known. */
  List<String> repositories(Replication one) {
    return records.read(handle ->
        handle
            .select(
                "SELECT repository FROM replica_position WHERE replication = ? ORDER BY repository",
                one.id())
            .mapTo(String.class)
            .list());
  }

  private static Replication replication(ResultSet row, StatementContext context)
      throws SQLException {
    long ran = row.getLong(9);
    return new Replication(
        row.getLong(1),
        row.getString(2),
        new Glob(row.getString(3)),
        row.getLong(4) == 1,
        row.getString(5),
        row.getString(6),
        row.getLong(7),
        row.getString(8),
        ran == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(ran)),
        row.getString(10));
  }
}
