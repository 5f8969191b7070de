package dev.bulla.store;

import dev.bulla.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/**
 * Events, in the order in which they were committed.
 *
 * <p>A writer appends inside its own transaction, so there is an event exactly for what happened.
 * Readers poll by sequence and remember how far they got under a name of their own; an event may
 * reach a reader twice after a crash, never not at all.
 */
public final class Outbox {
  private final Records records;

  public Outbox(Records records) {
    this.records = records;
  }

  /**
   * Appends an event in the transaction of {@code handle}, which must be one of {@link
   * Records#write}.
   */
  public static void append(
      Handle handle, Instant at, String type, String subject, ObjectNode payload) {
    handle.execute(
        "INSERT INTO outbox (at, type, subject, payload) VALUES (?, ?, ?, ?)",
        at.toEpochMilli(),
        type,
        subject,
        new String(Json.write(payload), StandardCharsets.UTF_8));
  }

  /** The first {@code limit} events with a sequence above {@code sequence}. */
  public List<Event> after(long sequence, int limit) {
    return records.read(handle ->
        handle
            .select(
                "SELECT seq, at, type, subject, payload FROM outbox WHERE seq > ? ORDER BY seq"
                    + " LIMIT ?",
                sequence,
                limit)
            .map((row, context) ->
                new Event(
                    row.getLong(1),
                    Instant.ofEpochMilli(row.getLong(2)),
                    row.getString(3),
                    row.getString(4),
                    Json.parseObject(row.getString(5).getBytes(StandardCharsets.UTF_8), "event")))
            .list());
  }

  /** The last sequence that {@code reader} has dealt with; 0 for a new reader. */
  public long position(String reader) {
    return records.read(handle ->
        handle
            .select("SELECT seq FROM outbox_reader WHERE name = ?", reader)
            .mapTo(Long.class)
            .findOne()
            .orElse(0L));
  }

  /**
   * Remembers that {@code reader} has dealt with everything up to {@code sequence}; never moves
   * backwards.
   */
  public void advance(String reader, long sequence) {
    records.write(handle ->
        handle.execute(
            "INSERT INTO outbox_reader (name, seq) VALUES (?, ?) "
                + "ON CONFLICT (name) DO UPDATE SET seq = excluded.seq"
                + " WHERE outbox_reader.seq < excluded.seq",
            reader,
            sequence));
  }

  /** Forgets events that every reader has dealt with, up to and including {@code sequence}. */
  public int trim(long sequence) {
    return records.write(handle ->
        handle.execute(
            "DELETE FROM outbox WHERE seq <= ?"
                + " AND seq <= (SELECT coalesce(min(seq), 0) FROM outbox_reader)",
            sequence));
  }
}
