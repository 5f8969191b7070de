package dev.bulla.registry.http;

import dev.bulla.access.Permission;
import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Eviction;
import dev.bulla.registry.Registry;
import dev.bulla.registry.replication.CacheEviction;
import dev.bulla.registry.replication.CacheProject;
import dev.bulla.registry.replication.PullThrough;
import dev.bulla.web.Exchange;
import dev.bulla.web.Handler;
import dev.bulla.web.Method;
import dev.bulla.web.QuickHandler;
import dev.bulla.web.Route;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a registry does before it answers for a project that is a cache. */
public final class CacheRoutes {
  private static final int MAX_BODY = 64 * 1024;
  private static final Duration STANDARD_TTL = Duration.ofMinutes(10);

  private final Registry registry;
  private final PullThrough caches;

  private CacheRoutes(Registry registry, PullThrough caches) {
    this.registry = registry;
    this.caches = caches;
  }

  /** What makes room. */
  private record Room(PullThrough caches, CacheEviction eviction) {
    void list(Exchange exchange) throws IOException {
      exchange.sendJson(describe(caches, eviction));
    }

    void evict(Exchange exchange) throws IOException {
      Fields fields = Fields.of(body(exchange), "request").only("project", "dryRun");
      exchange.sendJson(
          CacheRoutes.evict(
              eviction,
              fields.optionalString("project").orElse(""),
              fields.optionalBoolean("dryRun").orElse(false)));
    }
  }

  /** The same routes; those that read a cache fetch first what is not there or too old. */
  public static List<Route> filling(List<Route> routes, Registry registry, PullThrough caches) {
    CacheRoutes own = new CacheRoutes(registry, caches);
    return routes.stream().map(own::filling).toList();
  }

  /** The owner's side, below {@code /v1/registry/}; guarded. */
  public static List<Route> of(Registry registry, PullThrough caches, CacheEviction eviction) {
    CacheRoutes own = new CacheRoutes(registry, caches);
    Room room = new Room(caches, eviction);
    return List.of(
        Route.get("/v1/registry/caches", room::list),
        Route.post("/v1/registry/caches/evict", room::evict),
        Route.post("/v1/registry/caches", own::add),
        Route.post("/v1/registry/caches/remove", own::remove));
  }

  private Route filling(Route route) {
    return switch (route.pattern()) {
      case "/v2/<name>/manifests/{reference}" -> before(route, this::manifest);
      case "/v2/<name>/referrers/{digest}" -> before(route, this::referrers);
      case "/v2/<name>/blobs/{digest}" -> before(route, this::blob);
      default -> route;
    };
  }

  /** Does something before a route that reads; true if that was the answer already. */
  @FunctionalInterface
  private interface Filling {
    boolean fill(Exchange exchange, CacheProject cache, String repository) throws IOException;
  }

  private Route before(Route route, Filling filling) {
    if (route.method() != Method.GET && route.method() != Method.HEAD) {
      return route;
    }
    Handler then = route.handler();
    Handler filled =
        exchange -> {
          String repository = RegistryRoutes.repository(exchange);
          Optional<CacheProject> cache = caches.of(repository);
          boolean reader =
              cache.isPresent()
                  && (RegistryRoutes.may(registry, exchange, Permission.PULL, repository)
                      || RegistryRoutes.seesAllManifests(exchange, repository));
          // who may not read is told that by the route itself
          if (!reader || !filling.fill(exchange, cache.get(), repository)) {
            then.handle(exchange);
          }
        };
    return new Route(
        route.method(),
        route.pattern(),
        then instanceof QuickHandler quick
            ? QuickHandler.of(
                exchange ->
                    caches.of(RegistryRoutes.repository(exchange)).isEmpty()
                        && quick.handleAtOnce(exchange),
                filled)
            : filled,
        route.exposure());
  }

  private boolean manifest(Exchange exchange, CacheProject cache, String repository) {
    caches
        .manifest(cache, repository, exchange.pathParam("reference"))
        .ifPresent(age -> {
          exchange.setHeader("Age", Long.toString(age.toSeconds()));
          exchange.setHeader("Warning", "110 - \"the upstream cannot be reached\"");
        });
    return false;
  }

  /** Evidence comes with what it is about. */
  private boolean referrers(Exchange exchange, CacheProject cache, String repository) {
    try {
      return manifest(cache, repository, exchange.pathParam("digest"));
    } catch (BullaException e) {
      if (e.code() == ErrorCode.MANIFEST_NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  private boolean manifest(CacheProject cache, String repository, String digest) {
    caches.manifest(cache, repository, Digest.parse(digest).toString());
    return false;
  }

  private boolean blob(Exchange exchange, CacheProject cache, String repository)
      throws IOException {
    Digest digest = Digest.parse(exchange.pathParam("digest"));
    Optional<Descriptor> absent = caches.absent(repository, digest);
    if (absent.isEmpty()) {
      return false;
    }
    if (!RegistryRoutes.seesAll(exchange, repository)) {
      registry.trust().requireBlobVisible(repository, digest);
    }
    if (exchange.method() == Method.HEAD) {
      Conditions.describe(exchange, digest);
      exchange.sendHead("application/octet-stream", absent.get().size());
      return true;
    }
    if (exchange.header("Range").isPresent()) {
      caches.blob(cache, repository, absent.get());
      return false;
    }
    return caches.stream(
        cache,
        repository,
        absent.get(),
        (blob, body) -> {
          Conditions.describe(exchange, digest);
          exchange.send("application/octet-stream", blob.size(), body);
        });
  }

  /** The cache that a JSON document asks for. */
  public static CacheProject cache(JsonNode document) {
    Fields fields =
        Fields.of(document, "request")
            .only("project", "upstream", "credentials", "ttlSeconds", "maxBytes", "unusedSeconds");
    long bytes = fields.optionalInteger("maxBytes").orElse(0L);
    long unused = fields.optionalInteger("unusedSeconds").orElse(0L);
    if (bytes < 0 || unused < 0 || unused > Duration.ofDays(36_500).toSeconds()) {
      throw fields.invalid("maxBytes", "it or unusedSeconds is negative or too large");
    }
    return new CacheProject(
        fields.string("project"),
        fields.string("upstream"),
        fields.optionalString("credentials").orElse(""),
        fields.optionalInteger("ttlSeconds").map(Duration::ofSeconds).orElse(STANDARD_TTL),
        new Eviction.Bounds(bytes, Duration.ofSeconds(unused)));
  }

  /** All caches with what they use. */
  public static ObjectNode describe(PullThrough caches, CacheEviction eviction) {
    ObjectNode body = Json.object();
    ArrayNode all = body.putArray("caches");
    caches.all().forEach(one -> all.add(one.toJson().put("bytes", eviction.usedBytes(one))));
    return body;
  }

  /** What goes from caches, or would. */
  public static ObjectNode evict(CacheEviction eviction, String project, boolean dryRun) {
    ObjectNode body = Json.object();
    ArrayNode all = body.putArray("caches");
    eviction.run(project, dryRun).forEach(one -> all.add(one.toJson()));
    return body;
  }

  public static ObjectNode add(PullThrough caches, CacheProject cache) {
    caches.save(cache);
    return cache.toJson();
  }

  public static ObjectNode remove(PullThrough caches, String project) {
    return Json.object().put("project", project).put("removed", caches.remove(project));
  }

  private void add(Exchange exchange) throws IOException {
    exchange.sendJson(add(caches, cache(body(exchange))));
  }

  private void remove(Exchange exchange) throws IOException {
    exchange.sendJson(
        remove(caches, Fields.of(body(exchange), "request").only("project").string("project")));
  }

  private static JsonNode body(Exchange exchange) throws IOException {
    return Json.parse(exchange.bodyBytes(MAX_BODY), "request");
  }
}
