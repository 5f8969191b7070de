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
import dev.bulla.registry.RetentionRule;
import dev.bulla.web.Exchange;
import dev.bulla.web.Route;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The routes of quotas and retention rules below {@code /v1/registry/}, all guarded. */
public final class RuleRoutes {
  private static final int MAX_BODY = 64 * 1024;
  private static final long MAX_SECONDS = Duration.ofDays(36_500).toSeconds();

  private final Registry registry;

  private RuleRoutes(Registry registry) {
    this.registry = registry;
  }

  public static List<Route> of(Registry registry) {
    RuleRoutes own = new RuleRoutes(registry);
    return List.of(
        Route.get("/v1/registry/quotas", own::quotas),
        Route.post("/v1/registry/quotas", own::setQuota),
        Route.get("/v1/registry/retention", own::retention),
        Route.post("/v1/registry/retention", own::setRetention));
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

  public static ObjectNode retention(Registry registry) {
    ObjectNode body = Json.object();
    ArrayNode rules = body.putArray("rules");
    registry.retention().rules().forEach(rule -> rules.add(rule.toJson()));
    return body;
  }

  /** Sets a rule, or removes that of the same patterns if the document says so. */
  public static ObjectNode setRetention(Registry registry, JsonNode request, String who) {
    Fields fields = Fields.of(request, "request");
    if (fields.optionalBoolean("remove").orElse(false)) {
      fields.only("repositories", "tags", "remove");
      boolean removed =
          registry.retention().remove(fields.string("repositories"), fields.string("tags"), who);
      return Json.object().put("removed", removed);
    }
    RetentionRule rule = retentionRule(request);
    registry.retention().set(rule, who);
    return rule.toJson();
  }

  /** The rule that a document is. */
  public static RetentionRule retentionRule(JsonNode request) {
    Fields fields =
        Fields.of(request, "request")
            .only(
                "repositories",
                "tags",
                "keepLast",
                "keepNewerSeconds",
                "keepPulledSeconds",
                "untaggedSeconds");
    return new RetentionRule(
        fields.string("repositories"),
        fields.string("tags"),
        fields.optionalInteger("keepLast"),
        time(fields, "keepNewerSeconds"),
        time(fields, "keepPulledSeconds"),
        time(fields, "untaggedSeconds"));
  }

  private static Optional<Duration> time(Fields fields, String name) {
    Optional<Long> seconds = fields.optionalInteger(name);
    if (seconds.filter(n -> n < 0 || n > MAX_SECONDS).isPresent()) {
      throw fields.invalid(name, "not between 0 and a hundred years");
    }
    return seconds.map(Duration::ofSeconds);
  }

  private static OptionalLong limit(Fields fields, String name) {
    return fields.optionalInteger(name).map(OptionalLong::of).orElse(OptionalLong.empty());
  }

  private void quotas(Exchange exchange) throws IOException {
    exchange.sendJson(quotas(registry));
  }

  private void retention(Exchange exchange) throws IOException {
    exchange.sendJson(retention(registry));
  }

  private void setRetention(Exchange exchange) throws IOException {
    JsonNode body = Json.parse(exchange.bodyBytes(MAX_BODY), "request");
    exchange.sendJson(setRetention(registry, body, Principal.of(exchange).name()));
  }

  private void setQuota(Exchange exchange) throws IOException {
    JsonNode body = Json.parse(exchange.bodyBytes(MAX_BODY), "request");
    exchange.sendJson(setQuota(registry, body, Principal.of(exchange).name()));
  }
}
