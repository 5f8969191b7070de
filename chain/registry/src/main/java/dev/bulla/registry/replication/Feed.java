package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.registry.replication.FeedEntry.Type;
import dev.bulla.store.Event;
import dev.bulla.store.Outbox;
import dev.bulla.store.Records;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * What happened to each repository of this registry, for registries that keep copies.
 *
 * <p>The feeds are written from the outbox when somebody asks for them, by whichever process is
 * asked; where they end is a row that only one transaction can move. Each entry's hash covers all
 * entries before it, and what is handed out ends with a signed checkpoint: a reader that keeps the
 * last one notices when the past changes. Where events were forgotten before somebody asked, a feed
 * goes on with what leads to what is here. Thread-safe.
 */
public final class Feed {
  private static final String READER = "registry.feed";
  private static final int LOT = 500;

  private static final String INSERT =
      """
      INSERT INTO feed_entry (repository, seq, type, digest, tag, media_type, size, subject, at, hash)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)\
      """;

  private static final String SET_HEAD =
      """
      INSERT INTO feed_head (repository, seq, hash) VALUES (?, ?, ?)
      ON CONFLICT (repository) DO UPDATE SET seq = excluded.seq, hash = excluded.hash\
      """;

  private static final String MANIFEST =
      """
      SELECT m.media_type, m.size, m.subject FROM manifest m
        JOIN repository r ON r.id = m.repository WHERE r.name = ? AND m.digest = ?\
      """;

  private static final String LAST_DECISION =
      """
      SELECT type FROM feed_entry WHERE repository = ? AND digest = ? AND type IN ('ADMIT', 'REVOKE')
       ORDER BY seq DESC LIMIT 1\
      """;

  private static final String PAGE =
      """
      SELECT seq, type, digest, tag, media_type, size, subject, at, hash FROM feed_entry
       WHERE repository = ? AND seq > ? ORDER BY seq LIMIT ?\
      """;

  private static final Map<String, Type> TYPES =
      Map.of(
          "registry.manifest.pushed", Type.PUSH,
          "registry.manifest.deleted", Type.DELETE,
          "registry.tag.moved", Type.TAG,
          "registry.tag.pending", Type.TAG,
          "registry.tag.deleted", Type.UNTAG,
          "registry.trust.admitted", Type.ADMIT,
          "registry.trust.revoked", Type.REVOKE);

  private final Records records;
  private final Outbox outbox;
  private final Seal seal;
  private final InstantSource clock;

  public Feed(Records records, Seal seal, InstantSource clock) {
    this.records = records;
    this.outbox = new Outbox(records);
    this.seal = seal;
    this.clock = clock;
    outbox.advance(READER, 0); // nobody forgets an event that is not in a feed yet
  }

  private record Head(long seq, String hash) {}

  /** Writes what happened since the last time. */
  void catchUp() {
    while (true) {
      long from = written();
      List<Event> events;
      try {
        events = outbox.allAfter(from, LOT);
      } catch (BullaException e) {
        if (e.code() != ErrorCode.EVENTS_TRIMMED) {
          throw e;
        }
        records.write(handle -> repair(handle, from));
        continue;
      }
      if (events.isEmpty()) {
        return;
      }
      long to = events.getLast().sequence();
      boolean own = records.write(handle -> append(handle, from, to, events));
      if (own) {
        outbox.advance(READER, to);
      }
    }
  }

  /** The sequence of the outbox up to which the feeds are written. */
  public long written() {
    return records.read(
        handle -> handle.select("SELECT outbox FROM feed_position").mapTo(Long.class).one());
  }

  /** False if somebody else has done it meanwhile. */
  private static boolean append(Handle handle, long from, long to, List<Event> events) {
    if (handle.execute("UPDATE feed_position SET outbox = ? WHERE outbox = ?", to, from) == 0) {
      return false;
    }
    Heads heads = new Heads(handle);
    for (Event event : events) {
      Type type = TYPES.get(event.type());
      String repository = event.payload().path("repository").asString("");
      if (type == null || repository.isEmpty()) {
        continue;
      }
      entry(handle, type, repository, heads.next(repository), event)
          .ifPresent(entry -> heads.append(repository, entry));
    }
    heads.store();
    return true;
  }

  /** Goes on from what is here, where events were forgotten; false as {@link #append}. */
  private boolean repair(Handle handle, long from) {
    long to = Outbox.last(handle);
    if (handle.execute("UPDATE feed_position SET outbox = ? WHERE outbox = ?", to, from) == 0) {
      return false;
    }
    Heads heads = new Heads(handle);
    for (String repository : FeedRepair.repositories(handle)) {
      FeedRepair.entries(handle, repository, clock.millis())
          .forEach(entry -> heads.append(repository, entry.numbered(heads.next(repository))));
    }
    heads.store();
    return true;
  }

  /** The ends of feeds while entries are written. */
  private static final class Heads {
    private final Handle handle;
    private final Map<String, Head> heads = new HashMap<>();

    Heads(Handle handle) {
      this.handle = handle;
    }

    private Head head(String repository) {
      return heads.computeIfAbsent(repository, name -> Feed.head(handle, name));
    }

    long next(String repository) {
      return head(repository).seq + 1;
    }

    void append(String repository, FeedEntry plain) {
      FeedEntry next = plain.after(head(repository).hash);
      insert(handle, repository, next);
      heads.put(repository, new Head(next.seq(), next.hash()));
    }

    void store() {
      heads.forEach((name, head) -> {
        if (head.seq > 0) {
          handle.execute(SET_HEAD, name, head.seq, head.hash);
        }
      });
    }
  }

  private static Head head(Handle handle, String repository) {
    return handle
        .select("SELECT seq, hash FROM feed_head WHERE repository = ?", repository)
        .map((row, context) -> new Head(row.getLong(1), row.getString(2)))
        .findOne()
        .orElseGet(() -> new Head(0, FeedEntry.genesis(repository)));
  }

  /** Empty if the event says nothing that a replica could need. */
  private static Optional<FeedEntry> entry(
      Handle handle, Type type, String repository, long seq, Event event) {
    String digest = event.subject();
    String tag =
        type == Type.TAG || type == Type.UNTAG ? event.payload().path("tag").asString("") : "";
    FeedEntry plain =
        new FeedEntry(seq, type, digest, tag, "", 0, "", event.at().toEpochMilli(), "");
    return switch (type) {
      case DELETE, TAG, UNTAG -> Optional.of(plain);
      case PUSH ->
          // what is gone again needs no entry: its deletion has one
          handle
              .select(MANIFEST, repository, digest)
              .map((row, context) ->
                  new FeedEntry(
                      seq,
                      type,
                      digest,
                      "",
                      row.getString(1),
                      row.getLong(2),
                      Optional.ofNullable(row.getString(3)).orElse(""),
                      plain.at(),
                      ""))
              .findOne();
      case ADMIT, REVOKE -> {
        Optional<String> before =
            handle.select(LAST_DECISION, repository, digest).mapTo(String.class).findOne();
        yield before.equals(Optional.of(type.name())) ? Optional.empty() : Optional.of(plain);
      }
    };
  }

  private static void insert(Handle handle, String repository, FeedEntry one) {
    handle.execute(
        INSERT,
        repository,
        one.seq(),
        one.type().name(),
        one.digest(),
        one.tag(),
        one.mediaType(),
        one.size(),
        one.subject(),
        one.at(),
        one.hash());
  }

  /** How many entries each feed has, by the name of its repository. */
  public Map<String, Long> sizes() {
    catchUp();
    return records.read(handle -> {
      Map<String, Long> sizes = new LinkedHashMap<>();
      handle
          .select("SELECT repository, seq FROM feed_head ORDER BY repository")
          .map((row, context) -> Map.entry(row.getString(1), row.getLong(2)))
          .forEach(one -> sizes.put(one.getKey(), one.getValue()));
      return sizes;
    });
  }

  long size(String repository) {
    return records.read(handle -> head(handle, repository).seq);
  }

  /**
   * Entries after {@code after}, with a checkpoint that stands behind the last of them; if there
   * are none, behind everything.
   */
  FeedPage page(String repository, long after, int limit) {
    catchUp();
    return records.read(handle -> {
      Head head = head(handle, repository);
      List<FeedEntry> entries =
          handle
              .select(PAGE, repository, after, Math.clamp(limit, 1, FeedPage.MAX_ENTRIES))
              .map((row, context) ->
                  new FeedEntry(
                      row.getLong(1),
                      Type.valueOf(row.getString(2)),
                      row.getString(3),
                      row.getString(4),
                      row.getString(5),
                      row.getLong(6),
                      row.getString(7),
                      row.getLong(8),
                      row.getString(9)))
              .list();
      Head end =
          entries.isEmpty() ? head : new Head(entries.getLast().seq(), entries.getLast().hash());
      Checkpoint checkpoint =
          new Checkpoint(repository, end.seq, end.hash, head.seq, clock.instant());
      return new FeedPage(repository, entries, checkpoint.seal(seal), seal.key());
    });
  }

  /** Whether this is a digest of the feed: a receipt for something else would only take space. */
  boolean knows(String repository, Digest digest) {
    return records.read(handle ->
        handle
            .select(
                "SELECT 1 FROM feed_entry WHERE repository = ? AND digest = ? LIMIT 1",
                repository,
                digest.toString())
            .mapTo(Integer.class)
            .findOne()
            .isPresent());
  }
}
