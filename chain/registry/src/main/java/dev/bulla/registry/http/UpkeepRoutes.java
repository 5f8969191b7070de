package dev.bulla.registry.http;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.registry.CheckRules;
import dev.bulla.registry.CollectionRules;
import dev.bulla.registry.DeletedManifest;
import dev.bulla.registry.ManifestPush;
import dev.bulla.registry.Registry;
import dev.bulla.registry.RepairSource;
import dev.bulla.web.Exchange;
import dev.bulla.web.Route;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The routes below {@code /v1/registry/}, all guarded: what keeps a registry in order. */
public final class UpkeepRoutes {
  private static final int MAX_BODY = 64 * 1024;
  private static final int MAX_DELETED = 1_000;

  private final Registry registry;
  private final Function<String, RepairSource> peers;
  private final UpkeepJobs jobs;

  private UpkeepRoutes(Registry registry, Function<String, RepairSource> peers) {
    this.registry = registry;
    this.peers = peers;
    this.jobs = new UpkeepJobs(registry.background());
  }

  /**
   * @param peers finds the content of damaged blobs at a registry of that name
   */
  public static List<Route> of(Registry registry, Function<String, RepairSource> peers) {
    UpkeepRoutes own = new UpkeepRoutes(registry, peers);
    List<Route> routes = new ArrayList<>(TrustRoutes.ofNativeApi(registry));
    routes.addAll(ListingRoutes.of(registry));
    routes.addAll(PolicyRoutes.of(registry));
    routes.addAll(
        List.of(
            Route.post("/v1/registry/gc", own::collect),
            Route.get("/v2/_gc", own::collections),
            Route.post("/v2/_gc", own::collectAsAsked),
            Route.get("/v2/_gc/{id}", own::job),
            Route.get("/v2/_usage", own::usage),
            Route.post("/v1/registry/fsck", own::check),
            Route.post("/v1/registry/retain", own::retain),
            Route.get("/v1/registry/jobs/{id}", own::job),
            Route.get("/v1/registry/usage", own::usage),
            Route.get("/v1/registry/deleted", own::deleted),
            Route.post("/v1/registry/restore", own::restore),
            Route.post("/v1/registry/project", own::project)));
    return List.copyOf(routes);
  }

  /** The rules that a JSON document asks for; members that are absent are the standard. */
  public static CollectionRules collectionRules(JsonNode document) {
    CollectionRules standard = CollectionRules.STANDARD;
    Fields fields =
        Fields.of(document, "request")
            .only(
                "dryRun",
                "graceSeconds",
                "retiredSeconds",
                "uploadSeconds",
                "deletedSeconds",
                "untaggedSeconds");
    return new CollectionRules(
        seconds(fields, "graceSeconds").orElse(standard.grace()),
        seconds(fields, "retiredSeconds").orElse(standard.retired()),
        seconds(fields, "uploadSeconds").orElse(standard.uploads()),
        seconds(fields, "deletedSeconds").orElse(standard.deleted()),
        seconds(fields, "untaggedSeconds"),
        fields.optionalBoolean("dryRun").orElse(false));
  }

  /** The same for a check. */
  public static CheckRules checkRules(JsonNode document) {
    Fields fields =
        Fields.of(document, "request").only("contents", "bytesPerSecond", "repair", "repairFrom");
    long rate = fields.optionalInteger("bytesPerSecond").orElse(0L);
    if (rate < 0) {
      throw fields.invalid("bytesPerSecond", "negative");
    }
    return new CheckRules(
        fields.optionalBoolean("contents").orElse(true),
        rate,
        fields.optionalBoolean("repair").orElse(false));
  }

  public static ObjectNode describe(List<DeletedManifest> deleted) {
    ObjectNode body = Json.object();
    ArrayNode all = body.putArray("deleted");
    for (DeletedManifest one : deleted) {
      ObjectNode node = all.addObject();
      node.put("repository", one.repository());
      node.put("digest", one.digest().toString());
      node.put("deleted", one.deleted().toString());
      ArrayNode tags = node.putArray("tags");
      one.tags().forEach(tags::add);
    }
    return body;
  }

  /**
   * Restores and says what came of it.
   *
   * @throws BullaException {@link ErrorCode#CONFLICT} if a part was deleted too
   */
  public static ObjectNode restore(Registry registry, String repository, Digest digest) {
    return switch (registry.deletions().restore(repository, digest)) {
      case ManifestPush.Accepted accepted -> {
        ObjectNode body =
            Json.object().put("repository", repository).put("digest", digest.toString());
        ArrayNode tags = body.putArray("tags");
        accepted.tags().forEach(tags::add);
        yield body;
      }
      case ManifestPush.Incomplete incomplete ->
          throw new BullaException(
              ErrorCode.CONFLICT,
              "%s cannot be restored: %s lacks %s"
                  .formatted(digest, repository, incomplete.digests()),
              "Restore or push these first.");
      case ManifestPush.Outdated other ->
          throw new IllegalStateException("nothing was demanded of " + other.reference());
    };
  }

  /**
   * Opens or closes a project to callers of this machine, lets everybody pull from it or no longer.
   *
   * @param open empty leaves it as it is
   * @param anonymousPull empty leaves it as it is
   * @throws BullaException {@link ErrorCode#REFERENCE_INVALID} if the name is none of a project
   */
  public static ObjectNode project(
      Registry registry, String name, Optional<Boolean> open, Optional<Boolean> anonymousPull) {
    if (!Reference.isRepository(name) || name.contains("/")) {
      throw new BullaException(
          ErrorCode.REFERENCE_INVALID,
          "'%s' is not the name of a project".formatted(Shown.text(name)),
          "A project is the part of a repository's name before the first slash.");
    }
    open.ifPresent(value -> registry.projects().setOpen(name, value));
    anonymousPull.ifPresent(value -> registry.projects().setPublic(name, value));
    return Json.object()
        .put("name", name)
        .put("open", registry.projects().isOpen(name))
        .put("anonymousPull", registry.projects().isPublic(name));
  }

  private void project(Exchange exchange) throws IOException {
    Fields fields = Fields.of(body(exchange), "request").only("name", "open", "anonymousPull");
    exchange.sendJson(
        project(
            registry,
            fields.string("name"),
            fields.optionalBoolean("open"),
            fields.optionalBoolean("anonymousPull")));
  }

  private void collect(Exchange exchange) throws IOException {
    CollectionRules rules = collectionRules(body(exchange));
    UpkeepJobs.Job job =
        jobs.start("gc", progress -> registry.upkeep().collect(rules, progress).toJson());
    exchange.status(202).sendJson(job.toJson());
  }

  /** The standard rules, and the last collections that somebody asked this server for. */
  private void collections(Exchange exchange) throws IOException {
    CollectionRules standard = CollectionRules.STANDARD;
    ObjectNode body = Json.object();
    body.putObject("rules")
        .put("graceSeconds", standard.grace().toSeconds())
        .put("retiredSeconds", standard.retired().toSeconds())
        .put("uploadSeconds", standard.uploads().toSeconds())
        .put("deletedSeconds", standard.deleted().toSeconds());
    ArrayNode all = body.putArray("jobs");
    jobs.ofKind("gc").forEach(job -> all.add(job.toJson()));
    exchange.sendJson(body);
  }

  /** The plan is a run that changes nothing: {@code ?dryRun}. */
  private void collectAsAsked(Exchange exchange) throws IOException {
    ObjectNode request = Fields.of(body(exchange), "request").node().deepCopy();
    exchange
        .query("dryRun")
        .ifPresent(text -> request.put("dryRun", text.isEmpty() || text.equals("true")));
    CollectionRules rules = collectionRules(request);
    UpkeepJobs.Job job =
        jobs.start("gc", progress -> registry.upkeep().collect(rules, progress).toJson());
    exchange.status(202).setHeader("Location", "/v2/_gc/" + job.id()).sendJson(job.toJson());
  }

  private void retain(Exchange exchange) throws IOException {
    boolean dryRun =
        Fields.of(body(exchange), "request").only("dryRun").optionalBoolean("dryRun").orElse(false);
    UpkeepJobs.Job job =
        jobs.start(
            "retain",
            progress -> registry.upkeep().retain(registry.retention(), dryRun, progress).toJson());
    exchange.status(202).sendJson(job.toJson());
  }

  private void check(Exchange exchange) throws IOException {
    JsonNode body = body(exchange);
    CheckRules rules = checkRules(body);
    RepairSource source =
        Fields.of(body, "request")
            .optionalString("repairFrom")
            .map(peers)
            .orElse(RepairSource.NONE);
    UpkeepJobs.Job job =
        jobs.start("fsck", progress -> registry.upkeep().check(rules, source, progress).toJson());
    exchange.status(202).sendJson(job.toJson());
  }

  private void job(Exchange exchange) throws IOException {
    String id = exchange.pathParam("id");
    Optional<UpkeepJobs.Job> job =
        id.matches("[0-9]{1,18}") ? jobs.find(Long.parseLong(id)) : Optional.empty();
    exchange.sendJson(
        job.orElseThrow(
                () -> new BullaException(ErrorCode.ROUTE_NOT_FOUND, "this server has no such job"))
            .toJson());
  }

  private void usage(Exchange exchange) throws IOException {
    exchange.sendJson(registry.upkeep().usage().toJson());
  }

  private void deleted(Exchange exchange) throws IOException {
    String repository = exchange.query("repository").orElse("");
    exchange.sendJson(describe(registry.deletions().list(repository, MAX_DELETED)));
  }

  private void restore(Exchange exchange) throws IOException {
    Fields fields = Fields.of(body(exchange), "request").only("repository", "digest");
    exchange.sendJson(
        restore(registry, fields.string("repository"), Digest.parse(fields.string("digest"))));
  }

  private static Optional<Duration> seconds(Fields fields, String name) {
    Optional<Long> value = fields.optionalInteger(name);
    if (value.isPresent()
        && (value.get() < 0 || value.get() > Duration.ofDays(36_500).toSeconds())) {
      throw fields.invalid(name, "not between 0 and a hundred years");
    }
    return value.map(Duration::ofSeconds);
  }

  private static JsonNode body(Exchange exchange) throws IOException {
    byte[] bytes = exchange.bodyBytes(MAX_BODY);
    return bytes.length == 0 ? Json.object() : Json.parse(bytes, "request");
  }
}
