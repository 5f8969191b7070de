package dev.bulla.registry.http;

import dev.bulla.access.Principal;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.registry.NamePattern;
import dev.bulla.registry.Registry;
import dev.bulla.registry.events.Courier;
import dev.bulla.registry.events.EventLog;
import dev.bulla.store.Event;
import dev.bulla.web.Exchange;
import dev.bulla.web.Exposure;
import dev.bulla.web.Method;
import dev.bulla.web.Route;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Everything that happened, in the order of commits, from any point on: each event as CloudEvents
 * 1.0 writes it in JSON, its {@code id} being its sequence. For whoever has a name, as far as he
 * may know ({@link EventView}).
 */
public final class EventRoutes {
  /** The same below {@code /v2/}, where registry tokens and their challenges are. */
  static final String EXTENSION = "/v2/_events";

  private static final int MAX_EVENTS = 1_000;
  private static final int MAX_WAIT_SECONDS = 30;
  private static final int MAX_SEARCHED = 10_000;
  private static final int LOT = 500;
  private static final Duration LOOK = Duration.ofMillis(250);

  private final Registry registry;
  private final EventLog log;

  private EventRoutes(Registry registry, EventLog log) {
    this.registry = registry;
    this.log = log;
  }

  /** The feed, and what is set about it. */
  public static List<Route> of(Registry registry, EventLog log, Courier courier) {
    EventRoutes own = new EventRoutes(registry, log);
    List<Route> routes =
        new ArrayList<>(
            List.of(
                new Route(
                    Method.GET, "/v1/registry/events", own::events, Exposure.DECIDED_BY_HANDLER),
                new Route(Method.GET, EXTENSION, own::events, Exposure.DECIDED_BY_HANDLER)));
    routes.addAll(WebhookRoutes.of(log, courier));
    return List.copyOf(routes);
  }

  /**
   * What happened after a point.
   *
   * @param after a sequence; empty for the oldest event that is kept
   * @param repositories a pattern, or empty
   * @param seconds to wait if nothing has happened yet
   * @param ending whether there is no time to wait any more
   * @throws BullaException {@link ErrorCode#EVENTS_TRIMMED}
   */
  public static ObjectNode read(
      Registry registry,
      EventLog log,
      Principal caller,
      Optional<Long> after,
      String repositories,
      int limit,
      long seconds,
      BooleanSupplier ending) {
    if (!repositories.isEmpty()) {
      NamePattern.checkRepositories(repositories);
    }
    EventView view = new EventView(registry, log, caller);
    ObjectNode body = Json.object();
    ArrayNode events = body.putArray("events");
    long last = after.orElseGet(() -> log.outbox().trimmed());
    long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    int searched = 0;
    while (events.size() < limit && searched < MAX_SEARCHED) {
      List<Event> lot = log.outbox().allAfter(last, LOT);
      for (Event event : lot) {
        last = event.sequence();
        searched++;
        if (isAbout(repositories, event) && view.shows(event)) {
          events.add(view.describe(event));
        }
        if (events.size() == limit) {
          break;
        }
      }
      if (lot.isEmpty() && (!events.isEmpty() || ending.getAsBoolean() || !pause(end))) {
        break;
      }
    }
    body.put("last", last);
    return body.put("more", events.size() == limit || searched >= MAX_SEARCHED);
  }

  private static boolean isAbout(String repositories, Event event) {
    return repositories.isEmpty()
        || NamePattern.matches(repositories, EventLog.repositoryOf(event));
  }

  private void events(Exchange exchange) throws IOException {
    Principal caller = Principal.of(exchange);
    if (caller.isAnonymous()) {
      throw new BullaException(
          ErrorCode.ACCESS_UNAUTHENTICATED,
          "what happened is told to callers with a name only",
          "Send the credential of a robot or a workload, or a token for the scope"
              + " registry:reading:*.");
    }
    int limit = (int) Math.max(1, number(exchange, "limit", 100, MAX_EVENTS));
    long wait = number(exchange, "wait", 0, MAX_WAIT_SECONDS);
    Optional<Long> after =
        exchange.query("after").filter("latest"::equals).isPresent()
            ? Optional.of(log.outbox().last())
            : exchange.query("after").map(text -> number(exchange, "after", 0, Long.MAX_VALUE));
    String repositories = exchange.query("repository").orElse("");
    ObjectNode body =
        read(registry, log, caller, after, repositories, limit, wait, exchange::ending);
    exchange.setHeader("Cache-Control", "no-store").sendJson(body);
  }

  /** Whoever has seen everything may wait for what comes next; false when the time is over. */
  private static boolean pause(long end) {
    if (System.nanoTime() - end >= 0) {
      return false;
    }
    try {
      Thread.sleep(LOOK);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
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
