package dev.bulla.registry.events;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.store.Latest;
import dev.bulla.store.Outbox;
import dev.bulla.store.Records;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The webhooks of a registry, how far each is, and what they are signed with. Thread-safe. */
public final class Webhooks {
  /** At most so many: each is a thread, and holds events back while it fails. */
  private static final int MAX = 100;

  private static final int ATTEMPTS_KEPT = 100;

  private static final String ADD =
      """
      INSERT INTO webhook (name, url, glob, types, allow_private, give_up_ms, secret, created, seq,
        dead, failing, attempts, retry, said) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, '')
      ON CONFLICT (name) DO NOTHING\
      """;

  private static final String STATE =
      "SELECT seq, dead, failing, attempts, retry, said FROM webhook WHERE name = ?";

  private final Records records;
  private final InstantSource clock;
  private final SecureRandom random;
  private final Latest<List<Entry>> current;

  Webhooks(Records records, InstantSource clock, SecureRandom random) {
    this.records = records;
    this.clock = clock;
    this.random = random;
    this.current = new Latest<>(records, "/webhooks", Webhooks::read);
  }

  /** A webhook with its secret; {@code created} tells it from an earlier one of the name. */
  record Entry(Webhook webhook, String secret, long created) {
    @Override
    public String toString() {
      return webhook.toString();
    }
  }

  List<Entry> entries() {
    return current.get();
  }

  /**
   * Adds a webhook.
   *
   * @param secret as Standard Webhooks write them ({@code whsec_…}); a new one if empty
   * @param since the sequence after which events are sent; those from now on if empty
   * @return the webhook with its secret, which is told only here
   * @throws BullaException {@link ErrorCode#CONFLICT} if there is one of the name; {@link
   *     ErrorCode#EVENTS_TRIMMED}
   */
  public ObjectNode add(Webhook webhook, Optional<String> secret, Optional<Long> since) {
    TargetAddress.check(webhook.url(), webhook.allowPrivate());
    String kept = secret.orElseGet(this::newSecret);
    WebhookSignatures.secretBytes(kept);
    WebhookKey.openOrCreate(records, random);
    ArrayNode types = Json.array();
    webhook.types().forEach(types::add);
    Outbox outbox = new Outbox(records, clock);
    since.ifPresent(from -> outbox.allAfter(from, 1));
    current.change(handle -> {
      if (handle.select("SELECT count(*) FROM webhook").mapTo(Integer.class).one() >= MAX) {
        throw new BullaException(
            ErrorCode.CONFLICT, "there are %d webhooks, which is the most".formatted(MAX));
      }
      int added =
          handle.execute(
              ADD,
              webhook.name(),
              webhook.url().toString(),
              webhook.glob(),
              new String(Json.write(types), StandardCharsets.UTF_8),
              webhook.allowPrivate() ? 1 : 0,
              webhook.giveUp().toMillis(),
              kept,
              clock.millis(),
              since.orElse(0L));
      if (added == 0) {
        throw new BullaException(
            ErrorCode.CONFLICT,
            "there is a webhook %s already".formatted(webhook.name()),
            "Remove it first, or choose another name.");
      }
      event(handle, "added", webhook.name(), Json.object().put("repositories", webhook.glob()));
      long last = Outbox.last(handle);
      return handle.execute(
          "UPDATE webhook SET seq = ? WHERE name = ? AND (seq > ? OR ? = 1)",
          last,
          webhook.name(),
          last,
          since.isEmpty() ? 1 : 0);
    });
    return describe(webhook.name()).put("secret", kept);
  }

  /** Ends a webhook; false if there is none of the name. */
  public boolean remove(String name) {
    return current.change(handle -> {
      boolean was = handle.execute("DELETE FROM webhook WHERE name = ?", name) > 0;
      if (was) {
        event(handle, "removed", name, Json.object());
      }
      return was;
    });
  }

  /** All of them, and how far each is. */
  public ObjectNode list() {
    ObjectNode body = Json.object();
    ArrayNode all = body.putArray("webhooks");
    entries().forEach(one -> all.add(describe(one.webhook().name())));
    return body;
  }

  /**
   * @throws BullaException {@link ErrorCode#ROUTE_NOT_FOUND}
   */
  public ObjectNode describe(String name) {
    Entry entry = get(name);
    ObjectNode node = entry.webhook().toJson();
    state(name).ifPresent(state -> state.describe(node));
    return node;
  }

  Entry get(String name) {
    return entries().stream()
        .filter(one -> one.webhook().name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new BullaException(
                ErrorCode.ROUTE_NOT_FOUND,
                "there is no webhook " + Shown.text(name),
                "See 'bulla registry webhook list'."));
  }

  /**
   * Sends again what is due at once: also to one that was given up.
   *
   * @param since goes back to after this event; goes on where it was if empty
   * @throws BullaException {@link ErrorCode#EVENTS_TRIMMED} if {@code since} is not kept
   */
  public ObjectNode resume(String name, Optional<Long> since) {
    get(name);
    Outbox outbox = new Outbox(records, clock);
    since.ifPresent(from -> outbox.allAfter(from, 1));
    long trimmed = outbox.trimmed();
    long last = outbox.last();
    Optional<Long> missed =
        current.change(handle -> {
          long was =
              handle.select(STATE, name).map((row, context) -> row.getLong(1)).findOne().orElse(0L);
          long from = Math.min(Math.max(since.orElse(was), trimmed), last);
          handle.execute(
              "UPDATE webhook SET seq = ?, dead = 0, failing = 0, attempts = 0, retry = 0"
                  + " WHERE name = ?",
              from,
              name);
          event(handle, "resumed", name, Json.object().put("after", from));
          return since.isEmpty() && was < trimmed ? Optional.of(trimmed) : Optional.<Long>empty();
        });
    ObjectNode body = describe(name);
    missed.ifPresent(upTo -> body.put("missedUpTo", upTo));
    return body;
  }

  /** The last attempts, the newest first. */
  public ObjectNode attempts(String name) {
    get(name);
    ObjectNode body = Json.object().put("name", name);
    ArrayNode all = body.putArray("deliveries");
    records
        .read(handle ->
            handle
                .select(
                    "SELECT seq, type, at, took, status, said FROM webhook_attempt"
                        + " WHERE webhook = ? ORDER BY id DESC LIMIT ?",
                    name,
                    ATTEMPTS_KEPT)
                .map((row, context) ->
                    new Attempt(
                        row.getLong(1),
                        row.getString(2),
                        Instant.ofEpochMilli(row.getLong(3)),
                        Duration.ofMillis(row.getLong(4)),
                        row.getInt(5),
                        row.getString(6),
                        Duration.ZERO))
                .list())
        .forEach(one -> all.add(one.toJson()));
    return body;
  }

  /** The key that messages are signed with, for who verifies them. */
  public ObjectNode key() {
    return WebhookKey.openOrCreate(records, random).describe();
  }

  WebhookKey signingKey() {
    return WebhookKey.openOrCreate(records, random);
  }

  /** The sequence up to which every webhook that is alive has its events. */
  long needed() {
    return records.read(handle ->
        handle
            .select("SELECT coalesce(min(seq), ?) FROM webhook WHERE dead = 0", Long.MAX_VALUE)
            .mapTo(Long.class)
            .one());
  }

  Optional<WebhookState> state(String name) {
    return records.read(handle ->
        handle
            .select(STATE, name)
            .map((row, context) ->
                new WebhookState(
                    row.getLong(1),
                    row.getInt(2) != 0,
                    row.getLong(3),
                    row.getLong(4),
                    row.getLong(5),
                    row.getString(6)))
            .findOne());
  }

  /** Remembers that events up to a sequence are none of its business; never moves backwards. */
  void pass(Entry entry, long from, long to) {
    records.write(handle ->
        handle.execute(
            "UPDATE webhook SET seq = ? WHERE name = ? AND created = ? AND seq = ?",
            to,
            entry.webhook().name(),
            entry.created(),
            from));
  }

  /**
   * Remembers what came of an attempt.
   *
   * @param from where the webhook was; if somebody has moved it meanwhile, it stays there
   * @param retry how long to wait after a failure
   */
  void tried(Entry entry, long from, Attempt attempt, Duration retry) {
    String name = entry.webhook().name();
    long now = clock.millis();
    records.write(handle -> {
      note(handle, name, attempt);
      if (attempt.delivered()) {
        return handle.execute(
            "UPDATE webhook SET seq = ?, failing = 0, attempts = 0, retry = 0, said = ?"
                + " WHERE name = ? AND created = ? AND seq = ?",
            attempt.sequence(),
            attempt.said(),
            name,
            entry.created(),
            from);
      }
      handle.execute(
          "UPDATE webhook SET attempts = attempts + 1, retry = ?, said = ?,"
              + " failing = CASE WHEN failing = 0 THEN ? ELSE failing END"
              + " WHERE name = ? AND created = ? AND seq = ?",
          now + retry.toMillis(),
          attempt.said(),
          now,
          name,
          entry.created(),
          from);
      int given =
          handle.execute(
              "UPDATE webhook SET dead = 1 WHERE name = ? AND created = ? AND seq = ? AND dead = 0"
                  + " AND (failing <= ? OR ? = 1)",
              name,
              entry.created(),
              from,
              now - entry.webhook().giveUp().toMillis(),
              attempt.unwanted() ? 1 : 0);
      if (given > 0) {
        event(handle, "dead", name, Json.object().put("after", from).put("said", attempt.said()));
      }
      return given;
    });
  }

  /** Remembers an attempt that changes nothing else. */
  void note(String name, Attempt attempt) {
    records.write(handle -> {
      note(handle, name, attempt);
      return 0;
    });
  }

  private static void note(Handle handle, String name, Attempt attempt) {
    int there =
        handle.execute(
            "INSERT INTO webhook_attempt (webhook, seq, type, at, took, status, said)"
                + " SELECT name, ?, ?, ?, ?, ?, ? FROM webhook WHERE name = ?",
            attempt.sequence(),
            attempt.type(),
            attempt.at().toEpochMilli(),
            attempt.took().toMillis(),
            attempt.status(),
            attempt.said(),
            name);
    if (there > 0) {
      handle.execute(
          "DELETE FROM webhook_attempt WHERE webhook = ? AND id <= (SELECT id FROM webhook_attempt"
              + " WHERE webhook = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
          name,
          name,
          ATTEMPTS_KEPT);
    }
  }

  private void event(Handle handle, String what, String name, ObjectNode payload) {
    Outbox.append(handle, clock.instant(), "registry.webhook." + what, name, payload);
  }

  private String newSecret() {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return WebhookSignatures.SECRET + Base64.getEncoder().encodeToString(bytes);
  }

  private static List<Entry> read(Handle handle) {
    return handle
        .select(
            "SELECT name, url, glob, types, allow_private, give_up_ms, secret, created FROM webhook"
                + " ORDER BY name")
        .map((row, context) ->
            new Entry(
                new Webhook(
                    row.getString(1),
                    URI.create(row.getString(2)),
                    row.getString(3),
                    texts(row.getString(4)),
                    row.getInt(5) != 0,
                    Duration.ofMillis(row.getLong(6))),
                row.getString(7),
                row.getLong(8)))
        .list();
  }

  private static List<String> texts(String json) {
    List<String> texts = new ArrayList<>();
    JsonNode all = Json.parse(json.getBytes(StandardCharsets.UTF_8), "types");
    all.forEach(one -> texts.add(one.asString("")));
    return texts;
  }
}
