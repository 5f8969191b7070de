package dev.bulla.registry.http;

import dev.bulla.access.Principal;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Quota;
import dev.bulla.registry.Registry;
import dev.bulla.web.Exchange;
import dev.bulla.web.Route;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The routes of quotas below {@code /v1/registry/}, all guarded. */
public final class RuleRoutes {
  private static final int MAX_BODY = 64 * 1024;

  private final Registry registry;

  private RuleRoutes(Registry registry) {
    this.registry = registry;
  }

  public static List<Route> of(Registry registry) {
    RuleRoutes own = new RuleRoutes(registry);
    return List.of(
        Route.get("/v1/registry/quotas", own::quotas),
        Route.post("/v1/registry/quotas", own::setQuota));
  }

  public static ObjectNode quotas(Registry registry) {
    ObjectNode body = Json.object();
    ObjectNode all = body.putObject("quotas");
    registry.quotas().all().forEach((project, quota) -> all.set(project, quota.toJson()));
    return body;
  }

  /** Sets the limits that a document names, and takes away all others of the project. */
  public static ObjectNode setQuota(Registry registry, JsonNode request, String who) {
    Fields fields =
        Fields.of(request, "request").only("project", "bytes", "repositories", "manifests", "tags");
    String project = fields.string("project");
    if (!Reference.isRepository(project) || project.contains("/")) {
      throw new BullaException(
          ErrorCode.REFERENCE_INVALID,
          "'%s' is not the name of a project".formatted(Shown.text(project)),
          "A project is the part of a repository's name before the first slash.");
    }
    Quota quota =
        new Quota(
            limit(fields, "bytes"),
            limit(fields, "repositories"),
            limit(fields, "manifests"),
            limit(fields, "tags"));
    registry.quotas().set(project, quota, who);
    ObjectNode body = Json.object().put("project", project);
    body.set("quota", quota.toJson());
    return body;
  }

  private static OptionalLong limit(Fields fields, String name) {
    return fields.optionalInteger(name).map(OptionalLong::of).orElse(OptionalLong.empty());
  }

  private void quotas(Exchange exchange) throws IOException {
    exchange.sendJson(quotas(registry));
  }

  private void setQuota(Exchange exchange) throws IOException {
    JsonNode body = Json.parse(exchange.bodyBytes(MAX_BODY), "request");
    exchange.sendJson(setQuota(registry, body, Principal.of(exchange).name()));
  }
}
