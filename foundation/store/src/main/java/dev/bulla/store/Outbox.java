package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.node.ObjectNode;

/**
 * Events, in the order in which they were committed.
 *
 * <p>A writer appends inside its own transaction, so there is an event exactly for what happened.
 * Readers poll by sequence and remember how far they got under a name of their own; an event may
 * reach a reader twice after a crash, never not at all.
 *
 * <p>Events are forgotten by age and number ({@link #trim}), but not while a reader that is alive
 * needs them. A reader that comes back later is told by {@link #trimmed} that it has missed some,
 * and looks how things stand instead.
 */
public final class Outbox {
  private final Records records;
  private final InstantSource clock;

  public Outbox(Records records) {
    this(records, InstantSource.system());
  }

  /**
   * @param clock by which readers are known to be alive
   */
  public Outbox(Records records, InstantSource clock) {
    this.records = records;
    this.clock = clock;
  }

  /**
   * Appends an event in the transaction of {@code handle}, which must be one of {@link
   * Records#write}; its author is who asked for that.
   */
  public static void append(
      Handle handle, Instant at, String type, String subject, ObjectNode payload) {
    Actor author = Actor.current();
    handle.execute(
        "INSERT INTO outbox (at, type, subject, payload, author_type, author)"
            + " VALUES (?, ?, ?, ?, ?, ?)",
        at.toEpochMilli(),
        type,
        subject,
        new String(Json.write(payload), StandardCharsets.UTF_8),
        author.type(),
        author.name());
  }

  /** The first {@code limit} events with a sequence above {@code sequence} that are kept. */
  public List<Event> after(long sequence, int limit) {
    return records.read(handle -> after(handle, sequence, limit));
  }

  /**
   * The same on one snapshot with the answer whether everything after {@code sequence} is kept.
   *
   * @throws BullaException {@link ErrorCode#EVENTS_TRIMMED} if it is not
   */
  public List<Event> allAfter(long sequence, int limit) {
    return records.read(handle -> {
      long trimmed = trimmed(handle);
      if (sequence < trimmed) {
        throw new BullaException(
            ErrorCode.EVENTS_TRIMMED,
            "events up to %d are no longer kept, and those after %d were asked for"
                .formatted(trimmed, sequence),
            "Look how things stand now, then go on after %d.".formatted(trimmed));
      }
      return after(handle, sequence, limit);
    });
  }

  private static List<Event> after(Handle handle, long sequence, int limit) {
    return handle
        .select(
            "SELECT seq, at, type, subject, payload, author_type, author FROM outbox"
                + " WHERE seq > ? ORDER BY seq LIMIT ?",
            sequence,
            limit)
        .map((row, context) ->
            new Event(
                row.getLong(1),
                Instant.ofEpochMilli(row.getLong(2)),
                row.getString(3),
                row.getString(4),
                Json.parseObject(row.getString(5).getBytes(StandardCharsets.UTF_8), "event"),
                new Actor(row.getString(6), row.getString(7))))
        .list();
  }

  /** One event, if it is kept. */
  public Optional<Event> find(long sequence) {
    return after(sequence - 1, 1).stream()
        .filter(event -> event.sequence() == sequence)
        .findFirst();
  }

  /** The sequence up to which events are no longer kept; 0 if all are. */
  public long trimmed() {
    return records.read(Outbox::trimmed);
  }

  private static long trimmed(Handle handle) {
    return handle.select("SELECT seq FROM outbox_trim").mapTo(Long.class).one();
  }

  /** The last sequence that was written, or trimmed; 0 if there was none. */
  public long last() {
    return records.read(Outbox::last);
  }

  /** The same inside a transaction, of which it sees the events. */
  public static long last(Handle handle) {
    return Math.max(
        trimmed(handle),
        handle.select("SELECT coalesce(max(seq), 0) FROM outbox").mapTo(Long.class).one());
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
    long now = clock.millis();
    records.write(handle ->
        handle.execute(
            "INSERT INTO outbox_reader (name, seq, moved) VALUES (?, ?, ?) "
                + "ON CONFLICT (name) DO UPDATE SET seq = excluded.seq, moved = excluded.moved"
                + " WHERE outbox_reader.seq < excluded.seq",
            reader,
            sequence,
            now));
  }

  /** Forgets how far {@code reader} got: it holds nothing back any more. */
  public void leave(String reader) {
    records.write(handle -> handle.execute("DELETE FROM outbox_reader WHERE name = ?", reader));
  }

  /**
   * Forgets events up to and including {@code sequence}, as far as every reader has dealt with them
   * that has moved on since {@code alive}.
   *
   * @return how many were forgotten; at most {@code limit}
   */
  public int trim(long sequence, Instant alive, int limit) {
    return records.write(handle -> {
      long end =
          handle
              .select(
                  "SELECT coalesce(max(seq), 0) FROM (SELECT seq FROM outbox WHERE seq <= ?"
                      + " AND seq <= (SELECT coalesce(min(seq), ?) FROM outbox_reader"
                      + " WHERE moved >= ?) ORDER BY seq LIMIT ?) AS lot",
                  sequence,
                  sequence,
                  alive.toEpochMilli(),
                  limit)
              .mapTo(Long.class)
              .one();
      handle.execute("UPDATE outbox_trim SET seq = ? WHERE seq < ?", end, end);
      return handle.execute("DELETE FROM outbox WHERE seq <= ?", end);
    });
  }

  /**
   * The last sequence that rules let go: of events before {@code before}, and of all but the newest
   * {@code count}.
   */
  public long surplus(Instant before, long count) {
    return records.read(handle -> {
      long old =
          handle
              .select(
                  "SELECT seq - 1 FROM outbox WHERE at >= ? ORDER BY seq LIMIT 1",
                  before.toEpochMilli())
              .mapTo(Long.class)
              .findOne()
              .orElse(Long.MAX_VALUE);
      long many =
          handle
              .select("SELECT seq FROM outbox ORDER BY seq DESC LIMIT 1 OFFSET ?", count)
              .mapTo(Long.class)
              .findOne()
              .orElse(0L);
      return Math.max(old, many);
    });
  }
}
