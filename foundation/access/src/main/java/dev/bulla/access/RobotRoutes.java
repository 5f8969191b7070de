package dev.bulla.access;

import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.web.Exchange;
import dev.bulla.web.Route;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The routes below {@code /v1/access/}, all guarded. */
public final class RobotRoutes {
  private static final int MAX_BODY = 64 * 1024;

  private final Robots robots;
  private final SecureRandom random;

  private RobotRoutes(Robots robots, SecureRandom random) {
    this.robots = robots;
    this.random = random;
  }

  public static List<Route> of(Robots robots, SecureRandom random) {
    RobotRoutes own = new RobotRoutes(robots, random);
    return List.of(
        Route.get("/v1/access/robots", own::list),
        Route.post("/v1/access/robots", own::add),
        Route.post("/v1/access/robots/remove", own::remove),
        Route.post("/v1/access/tokens/end", own::endTokens));
  }

  /** Adds a robot; the answer holds its secret, which is not kept. */
  public static ObjectNode add(Robots robots, JsonNode request, SecureRandom random) {
    Fields fields = Fields.of(request, "request").only("name", "grants");
    String name = fields.string("name");
    List<Grant> grants = fields.strings("grants").stream().map(Grant::parse).toList();
    return Json.object().put("name", name).put("secret", robots.add(name, grants, random));
  }

  public static ObjectNode list(Robots robots) {
    ObjectNode body = Json.object();
    ArrayNode all = body.putArray("robots");
    for (Robot robot : robots.list()) {
      ObjectNode one = all.addObject().put("name", robot.name());
      ArrayNode grants = one.putArray("grants");
      robot.grants().forEach(grant -> grants.add(grant.toString()));
      one.put("created", robot.created().toString());
    }
    return body;
  }

  public static ObjectNode remove(Robots robots, String name) {
    return Json.object().put("name", name).put("removed", robots.remove(name));
  }

  /** Ends all tokens of the registry; those who have one get another with their credential. */
  public static ObjectNode endTokens(Robots robots) {
    robots.endTokens();
    return Json.object().put("ended", true);
  }

  private void endTokens(Exchange exchange) throws IOException {
    exchange.sendJson(endTokens(robots));
  }

  private void list(Exchange exchange) throws IOException {
    exchange.sendJson(list(robots));
  }

  private void add(Exchange exchange) throws IOException {
    exchange
        .status(201)
        .setHeader("Cache-Control", "no-store")
        .sendJson(add(robots, body(exchange), random));
  }

  private void remove(Exchange exchange) throws IOException {
    exchange.sendJson(
        remove(robots, Fields.of(body(exchange), "request").only("name").string("name")));
  }

  private static JsonNode body(Exchange exchange) throws IOException {
    return Json.parse(exchange.bodyBytes(MAX_BODY), "request");
  }
}
