package dev.bulla.registry.events;

import dev.bulla.core.json.Json;
import dev.bulla.registry.replication.Feed;
import dev.bulla.store.Event;
import dev.bulla.store.Outbox;
import dev.bulla.store.Records;
import dev.bulla.store.Schema;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/**
 * Everything that happened to a registry, as long as it is kept: the outbox as others see it. Each
 * event is written as CloudEvents 1.0 in JSON, with the extension "authcontext" for its author.
 * Thread-safe.
 */
public final class EventLog {
  /** The tables that {@link Records} must be opened with. */
  public static final Schema SCHEMA = new Schema("events", 1);

  private final Outbox outbox;
  private final EventKeeping keeping;
  private final Webhooks webhooks;
  private final String source;

  /**
   * @param feed what replicas read, which is written from the same events
   */
  public EventLog(Records records, Feed feed, InstantSource clock, SecureRandom random) {
    this.outbox = new Outbox(records, clock);
    this.webhooks = new Webhooks(records, clock, random);
    this.keeping = new EventKeeping(records, outbox, feed, webhooks, clock);
    this.source = "urn:uuid:" + records.agree("registry.id", UUID.randomUUID().toString());
  }

  public Outbox outbox() {
    return outbox;
  }

  /** How long events are kept. */
  public EventKeeping keeping() {
    return keeping;
  }

  /** Who is told of events. */
  public Webhooks webhooks() {
    return webhooks;
  }

  /** The repository that an event is about; empty if it is about none. */
  public static String repositoryOf(Event event) {
    return event.payload().path("repository").asString("");
  }

  /** An event as CloudEvents has it (CloudEvents 1.0.2, "JSON Event Format"). */
  public ObjectNode describe(Event event) {
    ObjectNode node = Json.object();
    node.put("specversion", "1.0");
    node.put("id", Long.toString(event.sequence()));
    node.put("source", source);
    node.put("type", "dev.bulla." + event.type());
    node.put("subject", event.subject());
    node.put("time", event.at().toString());
    node.put("authtype", event.author().type());
    if (!event.author().name().isEmpty()) {
      node.put("authid", event.author().name());
    }
    node.put("datacontenttype", "application/json");
    node.set("data", event.payload());
    return node;
  }
}
