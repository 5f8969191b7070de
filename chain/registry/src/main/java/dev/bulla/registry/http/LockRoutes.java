package dev.bulla.registry.http;

import dev.bulla.access.Principal;
import dev.bulla.core.Digest;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.registry.ImmutableRule;
import dev.bulla.registry.LegalHold;
import dev.bulla.registry.Registry;
import dev.bulla.web.Exchange;
import dev.bulla.web.Route;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The routes of immutable tags and legal holds below {@code /v1/registry/}, all guarded. */
public final class LockRoutes {
  private static final int MAX_BODY = 64 * 1024;

  private final Registry registry;
  private final InstantSource clock;

  private LockRoutes(Registry registry, InstantSource clock) {
    this.registry = registry;
    this.clock = clock;
  }

  public static List<Route> of(Registry registry, InstantSource clock) {
    LockRoutes own = new LockRoutes(registry, clock);
    return List.of(
        Route.get("/v1/registry/immutable", own::rules),
        Route.post("/v1/registry/immutable", own::change),
        Route.get("/v1/registry/holds", own::holds),
        Route.post("/v1/registry/holds", own::hold),
        Route.post("/v1/registry/holds/release", own::release));
  }

  public static ObjectNode rules(Registry registry) {
    ObjectNode body = Json.object();
    ArrayNode all = body.putArray("immutable");
    for (ImmutableRule one : registry.locks().immutable()) {
      all.addObject()
          .put("repositories", one.repositories())
          .put("tags", one.tags())
          .put("setBy", one.setBy())
          .put("since", one.since().toString());
    }
    return body;
  }

  /** Adds a rule, or removes it if the request says so. */
  public static ObjectNode change(
      Registry registry, JsonNode request, String who, InstantSource clock) {
    Fields fields = Fields.of(request, "request").only("pattern", "remove");
    ImmutableRule rule = ImmutableRule.parse(fields.string("pattern"), who, clock.instant());
    boolean remove = fields.optionalBoolean("remove").orElse(false);
    boolean changed =
        remove ? registry.locks().removeImmutable(rule, who) : registry.locks().makeImmutable(rule);
    return Json.object()
        .put("pattern", rule.toString())
        .put("removed", remove)
        .put("changed", changed);
  }

  public static ObjectNode holds(Registry registry, boolean all) {
    ObjectNode body = Json.object();
    ArrayNode holds = body.putArray("holds");
    registry.locks().holds(all).forEach(one -> holds.add(describe(one)));
    return body;
  }

  public static ObjectNode hold(Registry registry, JsonNode request, String who) {
    Fields fields = Fields.of(request, "request").only("repository", "reference", "reason");
    String repository = fields.string("repository");
    Digest digest = registry.trust().newest(repository, fields.string("reference")).digest();
    return describe(registry.locks().hold(repository, digest, fields.string("reason"), who));
  }

  public static ObjectNode release(Registry registry, JsonNode request, String who) {
    Fields fields = Fields.of(request, "request").only("id");
    return describe(registry.locks().release(fields.integer("id"), who));
  }

  static ObjectNode describe(LegalHold hold) {
    ObjectNode node = Json.object();
    node.put("id", hold.id());
    node.put("repository", hold.repository());
    node.put("digest", hold.digest().toString());
    node.put("reason", hold.reason());
    node.put("setBy", hold.setBy());
    node.put("since", hold.since().toString());
    hold.released()
        .ifPresent(at -> node.put("released", at.toString()).put("releasedBy", hold.releasedBy()));
    return node;
  }

  private void rules(Exchange exchange) throws IOException {
    exchange.sendJson(rules(registry));
  }

  private void change(Exchange exchange) throws IOException {
    exchange.sendJson(change(registry, body(exchange), who(exchange), clock));
  }

  private void holds(Exchange exchange) throws IOException {
    exchange.sendJson(holds(registry, exchange.query("all").filter("true"::equals).isPresent()));
  }

  private void hold(Exchange exchange) throws IOException {
    exchange.status(201).sendJson(hold(registry, body(exchange), who(exchange)));
  }

  private void release(Exchange exchange) throws IOException {
    exchange.sendJson(release(registry, body(exchange), who(exchange)));
  }

  private static String who(Exchange exchange) {
    return Principal.of(exchange).name();
  }

  private static JsonNode body(Exchange exchange) throws IOException {
    return Json.parse(exchange.bodyBytes(MAX_BODY), "request");
  }
}
