package dev.bulla.registry.http;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.registry.events.Courier;
import dev.bulla.registry.events.EventKeeping;
import dev.bulla.registry.events.EventLog;
import dev.bulla.registry.events.Webhook;
import dev.bulla.web.Exchange;
import dev.bulla.web.Exposure;
import dev.bulla.web.Route;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Who is told of events, and how long they are kept, below {@code /v1/registry/}: the owner's, but
 * for the key that messages are signed with, which everybody may know.
 */
public final class WebhookRoutes {
  private static final int MAX_BODY = 64 * 1024;

  private final EventLog log;
  private final Courier courier;

  private WebhookRoutes(EventLog log, Courier courier) {
    this.log = log;
    this.courier = courier;
  }

  static List<Route> of(EventLog log, Courier courier) {
    WebhookRoutes own = new WebhookRoutes(log, courier);
    String one = "/v1/registry/webhooks/{name}";
    return List.of(
        Route.get("/v1/registry/webhooks", e -> e.sendJson(log.webhooks().list())),
        Route.post("/v1/registry/webhooks", own::add),
        Route.get("/v1/registry/webhook-key", e -> e.sendJson(log.webhooks().key()))
            .exposedTo(Exposure.PUBLIC),
        Route.get(one, e -> e.sendJson(log.webhooks().describe(name(e)))),
        Route.delete(one, e -> e.sendJson(remove(log, name(e)))),
        Route.get(one + "/deliveries", e -> e.sendJson(log.webhooks().attempts(name(e)))),
        Route.post(one + "/test", e -> e.sendJson(courier.send(name(e), Optional.empty()))),
        Route.post(one + "/redeliver", own::redeliver),
        Route.post(one + "/resume", e -> e.sendJson(log.webhooks().resume(name(e), since(e)))),
        Route.get("/v1/registry/event-keeping", e -> e.sendJson(log.keeping().describe())),
        Route.post("/v1/registry/event-keeping", e -> e.sendJson(keep(log, body(e)))));
  }

  /** Adds the webhook that a document describes. */
  public static ObjectNode add(EventLog log, JsonNode request) {
    Fields fields =
        Fields.of(request, "request")
            .only(
                "name",
                "url",
                "repositories",
                "types",
                "allowPrivate",
                "giveUpSeconds",
                "secret",
                "since");
    Webhook webhook =
        new Webhook(
            fields.string("name"),
            Webhook.address(fields.string("url")),
            fields.optionalString("repositories").orElse("**"),
            fields.has("types") ? fields.strings("types") : List.of(),
            fields.optionalBoolean("allowPrivate").orElse(false),
            seconds(fields, "giveUpSeconds").orElse(Webhook.GIVE_UP));
    return log.webhooks()
        .add(webhook, fields.optionalString("secret"), fields.optionalInteger("since"));
  }

  public static ObjectNode remove(EventLog log, String name) {
    return Json.object().put("name", name).put("removed", log.webhooks().remove(name));
  }

  /** Sets how long events are kept; what is absent stays. */
  public static ObjectNode keep(EventLog log, JsonNode request) {
    Fields fields = Fields.of(request, "request").only("keepSeconds", "keepCount");
    EventKeeping.Rule rule = log.keeping().rule();
    log.keeping()
        .set(
            new EventKeeping.Rule(
                seconds(fields, "keepSeconds").orElse(rule.time()),
                fields.optionalInteger("keepCount").orElse(rule.count())));
    log.keeping().trim();
    return log.keeping().describe();
  }

  private void add(Exchange exchange) throws IOException {
    exchange.status(201).setHeader("Cache-Control", "no-store").sendJson(add(log, body(exchange)));
  }

  private void redeliver(Exchange exchange) throws IOException {
    Fields fields = Fields.of(body(exchange), "request").only("event");
    exchange.sendJson(courier.send(name(exchange), Optional.of(fields.integer("event"))));
  }

  private static Optional<Long> since(Exchange exchange) throws IOException {
    return Fields.of(body(exchange), "request").only("since").optionalInteger("since");
  }

  private static Optional<Duration> seconds(Fields fields, String name) {
    Optional<Long> value = fields.optionalInteger(name);
    if (value.filter(n -> n < 0 || n > Duration.ofDays(36_500).toSeconds()).isPresent()) {
      throw new BullaException(
          ErrorCode.FIELD_INVALID, name + " is not between 0 and a hundred years");
    }
    return value.map(Duration::ofSeconds);
  }

  private static String name(Exchange exchange) {
    return exchange.pathParam("name");
  }

  private static JsonNode body(Exchange exchange) throws IOException {
    byte[] bytes = exchange.bodyBytes(MAX_BODY);
    return bytes.length == 0 ? Json.object() : Json.parse(bytes, "request");
  }
}
