package dev.bulla.registry.events;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.registry.replication.Feed;
import dev.bulla.store.Outbox;
import dev.bulla.store.Records;
import java.time.Duration;
import java.time.InstantSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * How long events are kept: for a time, and so many at most. Older ones stay while somebody who is
 * alive needs them: a webhook that has not got them and is not given up, and a reader of the outbox
 * that moved on within {@link #ALIVE}. The feed for replicas is brought up to date first, so that
 * it never lacks one. Thread-safe.
 */
public final class EventKeeping {
  /** Readers of the outbox that stood still for longer hold nothing back. */
  static final Duration ALIVE = Duration.ofDays(7);

  private static final Rule STANDARD = new Rule(Duration.ofDays(30), 1_000_000);
  private static final int LOT = 5_000;

  private final Records records;
  private final Outbox outbox;
  private final Feed feed;
  private final Webhooks webhooks;
  private final InstantSource clock;

  EventKeeping(Records records, Outbox outbox, Feed feed, Webhooks webhooks, InstantSource clock) {
    this.records = records;
    this.outbox = outbox;
    this.feed = feed;
    this.webhooks = webhooks;
    this.clock = clock;
  }

  /**
   * @param time a minute to a hundred years
   * @param count 100 to 1 000 000 000 events
   */
  public record Rule(Duration time, long count) {
    private static final Duration LONGEST = Duration.ofDays(36_500);

    public Rule {
      if (time.compareTo(Duration.ofMinutes(1)) < 0 || time.compareTo(LONGEST) > 0) {
        throw invalid("the time is " + time, "Give a minute to a hundred years.");
      }
      if (count < 100 || count > 1_000_000_000) {
        throw invalid("the number is " + count, "Give 100 to 1000000000.");
      }
    }

    private static BullaException invalid(String what, String next) {
      return new BullaException(ErrorCode.USAGE, "events cannot be kept so: " + what, next);
    }
  }

  /** As it was set last; 30 days and a million unless it was. */
  public Rule rule() {
    return records.read(handle ->
        handle
            .select("SELECT keep_ms, keep_count FROM event_rule")
            .map((row, context) -> new Rule(Duration.ofMillis(row.getLong(1)), row.getLong(2)))
            .findOne()
            .orElse(STANDARD));
  }

  public void set(Rule rule) {
    records.write(handle -> {
      Outbox.append(
          handle,
          clock.instant(),
          "registry.events.keeping",
          "events",
          Json.object().put("seconds", rule.time().toSeconds()).put("count", rule.count()));
      return handle.execute(
          "INSERT INTO event_rule (id, keep_ms, keep_count) VALUES (1, ?, ?) ON CONFLICT (id)"
              + " DO UPDATE SET keep_ms = excluded.keep_ms, keep_count = excluded.keep_count",
          rule.time().toMillis(),
          rule.count());
    });
  }

  /** The rule, and what is kept. */
  public ObjectNode describe() {
    Rule rule = rule();
    return Json.object()
        .put("keepSeconds", rule.time().toSeconds())
        .put("keepCount", rule.count())
        .put("trimmed", outbox.trimmed())
        .put("last", outbox.last());
  }

  /**
   * Forgets what the rule lets go.
   *
   * @return how many events were forgotten
   */
  public long trim() {
    feed.sizes();
    Rule rule = rule();
    long end = outbox.surplus(clock.instant().minus(rule.time()), rule.count());
    end = Math.min(end, Math.min(feed.written(), webhooks.needed()));
    long trimmed = 0;
    int lot;
    do {
      lot = outbox.trim(end, clock.instant().minus(ALIVE), LOT);
      trimmed += lot;
    } while (lot == LOT);
    return trimmed;
  }
}
