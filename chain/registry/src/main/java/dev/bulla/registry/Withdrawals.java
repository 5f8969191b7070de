package dev.bulla.registry;

import dev.bulla.core.Digest;
import dev.bulla.store.Records;
import java.time.InstantSource;
import java.util.Optional;

/** Images that somebody has taken back, whatever their evidence says. Thread-safe. */
final class Withdrawals {
  private final Records records;
  private final InstantSource clock;

  Withdrawals(Records records, InstantSource clock) {
    this.records = records;
    this.clock = clock;
  }

  /** Who took it back and why, in one sentence; empty if nobody did. */
  Optional<String> find(String repository, Digest digest) {
    return records.read(handle ->
        handle
            .select(
                "SELECT w.author, w.reason FROM withdrawal w"
                    + " JOIN repository r ON r.id = w.repository WHERE r.name = ? AND w.digest = ?",
                repository,
                digest.toString())
            .map((row, context) -> "taken back by " + row.getString(1) + ": " + row.getString(2))
            .findOne());
  }

  void add(String repository, Digest digest, String reason, String author) {
    records.write(handle ->
        handle.execute(
            "INSERT INTO withdrawal (repository, digest, reason, author, withdrawn)"
                + " VALUES (?, ?, ?, ?, ?) ON CONFLICT (repository, digest) DO NOTHING",
            Repositories.idOf(handle, repository, clock.instant()),
            digest.toString(),
            reason,
            author,
            clock.millis()));
  }

  /** False if it was not taken back. */
  boolean remove(String repository, Digest digest) {
    return records.write(handle ->
        handle.execute(
                "DELETE FROM withdrawal WHERE digest = ?"
                    + " AND repository = (SELECT id FROM repository WHERE name = ?)",
                digest.toString(),
                repository)
            > 0);
  }
}
