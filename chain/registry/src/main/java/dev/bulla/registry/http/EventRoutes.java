package dev.bulla.registry.http;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.store.Event;
import dev.bulla.store.Outbox;
import dev.bulla.web.Exchange;
import dev.bulla.web.Route;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Everything that happened, in the order of commits, from any point on: each event as CloudEvents
 * 1.0 writes it in JSON, its {@code id} being its sequence. Guarded.
 */
public final class EventRoutes {
  private static final int MAX_EVENTS = 1_000;
  private static final int MAX_WAIT_SECONDS = 30;
  private static final Duration LOOK = Duration.ofMillis(250);

  private final Outbox outbox;

  private EventRoutes(Outbox outbox) {
    this.outbox = outbox;
  }

  public static List<Route> of(Outbox outbox) {
    EventRoutes own = new EventRoutes(outbox);
    return List.of(Route.get("/v1/registry/events", own::events));
  }

  private void events(Exchange exchange) throws IOException {
    long after = number(exchange, "after", 0, Long.MAX_VALUE);
    int limit = (int) Math.max(1, number(exchange, "limit", 100, MAX_EVENTS));
    List<Event> found = await(after, limit, number(exchange, "wait", 0, MAX_WAIT_SECONDS));
    ObjectNode body = Json.object();
    ArrayNode events = body.putArray("events");
    found.forEach(event -> events.add(describe(event)));
    body.put("last", found.isEmpty() ? after : found.getLast().sequence());
    body.put("more", found.size() == limit);
    exchange.setHeader("Cache-Control", "no-store").sendJson(body);
  }

  /** Whoever has seen everything may wait for what comes next. */
  private List<Event> await(long after, int limit, long seconds) {
    long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    while (true) {
      List<Event> found = outbox.after(after, limit);
      if (!found.isEmpty() || System.nanoTime() - end >= 0) {
        return found;
      }
      try {
        Thread.sleep(LOOK);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return found;
      }
    }
  }

  private static ObjectNode describe(Event event) {
    ObjectNode node = Json.object();
    node.put("specversion", "1.0");
    node.put("id", Long.toString(event.sequence()));
    node.put("source", "/v1/registry/events");
    node.put("type", "dev.bulla." + event.type());
    node.put("subject", event.subject());
    node.put("time", event.at().toString());
    node.put("datacontenttype", "application/json");
    node.set("data", event.payload());
    return node;
  }

  private static long number(Exchange exchange, String name, long standard, long most) {
    String text = exchange.query(name).orElse(Long.toString(standard));
    if (!text.matches("[0-9]{1,18}") || Long.parseLong(text) > most) {
      throw new BullaException(
          ErrorCode.REQUEST_INVALID,
          "%s is '%s', expected a number from 0 to %d".formatted(name, Shown.text(text), most));
    }
    return Long.parseLong(text);
  }
}
