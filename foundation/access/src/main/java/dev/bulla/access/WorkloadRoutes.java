package dev.bulla.access;

import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.web.Exchange;
import dev.bulla.web.Route;
import java.io.IOException;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Trusted issuers and rules below {@code /v1/access/}, all guarded. */
public final class WorkloadRoutes {
  private static final int MAX_BODY = 1024 * 1024;

  private WorkloadRoutes() {}

  public static List<Route> of(Workloads workloads) {
    return List.of(
        Route.get("/v1/access/issuers", e -> e.sendJson(issuers(workloads))),
        Route.post("/v1/access/issuers", e -> answer(e, body -> trust(workloads, body))),
        Route.post("/v1/access/issuers/remove", e -> answer(e, body -> distrust(workloads, body))),
        Route.get("/v1/access/rules", e -> e.sendJson(rules(workloads))),
        Route.post("/v1/access/rules", e -> answer(e, body -> add(workloads, body))),
        Route.post("/v1/access/rules/remove", e -> answer(e, body -> remove(workloads, body))));
  }

  /** Trusts the issuer that a document names. */
  public static ObjectNode trust(Workloads workloads, JsonNode request) {
    Fields fields = Fields.of(request, "request").only("issuer", "audience", "jwks", "authority");
    Issuer issuer =
        new Issuer(
            fields.string("issuer"),
            fields.string("audience"),
            fields.optionalString("jwks"),
            fields.optionalString("authority"));
    workloads.trust(issuer);
    return describe(issuer);
  }

  public static ObjectNode distrust(Workloads workloads, JsonNode request) {
    String url = Fields.of(request, "request").only("issuer").string("issuer");
    return Json.object().put("issuer", url).put("removed", workloads.distrust(url));
  }

  public static ObjectNode issuers(Workloads workloads) {
    ObjectNode body = Json.object();
    ArrayNode all = body.putArray("issuers");
    workloads.issuers().forEach(issuer -> all.add(describe(issuer)));
    return body;
  }

  /** Adds the rule that a document says. */
  public static ObjectNode add(Workloads workloads, JsonNode request) {
    Fields fields = Fields.of(request, "request").only("name", "source", "conditions", "grants");
    Rule rule =
        new Rule(
            fields.string("name"),
            fields.string("source"),
            fields.stringMap("conditions"),
            fields.strings("grants").stream().map(Grant::parse).toList());
    workloads.add(rule);
    return describe(rule);
  }

  public static ObjectNode remove(Workloads workloads, JsonNode request) {
    String name = Fields.of(request, "request").only("name").string("name");
    return Json.object().put("name", name).put("removed", workloads.remove(name));
  }

  public static ObjectNode rules(Workloads workloads) {
    ObjectNode body = Json.object();
    ArrayNode all = body.putArray("rules");
    workloads.rules().forEach(rule -> all.add(describe(rule)));
    return body;
  }

  private static ObjectNode describe(Issuer issuer) {
    return Json.object()
        .put("issuer", issuer.url())
        .put("audience", issuer.audience())
        .put("jwks", issuer.keys().isPresent())
        .put("authority", issuer.authority().isPresent());
  }

  private static ObjectNode describe(Rule rule) {
    ObjectNode one = Json.object().put("name", rule.name()).put("source", rule.source());
    ObjectNode conditions = one.putObject("conditions");
    rule.conditions().entrySet().stream()
        .sorted(java.util.Map.Entry.comparingByKey())
        .forEach(entry -> conditions.put(entry.getKey(), entry.getValue()));
    ArrayNode grants = one.putArray("grants");
    rule.grants().forEach(grant -> grants.add(grant.toString()));
    return one;
  }

  @FunctionalInterface
  private interface Change {
    ObjectNode of(JsonNode request);
  }

  private static void answer(Exchange exchange, Change change) throws IOException {
    exchange.sendJson(change.of(Json.parse(exchange.bodyBytes(MAX_BODY), "request")));
  }
}
