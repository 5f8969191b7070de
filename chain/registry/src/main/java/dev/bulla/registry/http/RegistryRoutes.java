package dev.bulla.registry.http;

import dev.bulla.access.Principal;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Page;
import dev.bulla.registry.Registry;
import dev.bulla.web.Exchange;
import dev.bulla.web.Exposure;
import dev.bulla.web.Handler;
import dev.bulla.web.Method;
import dev.bulla.web.Route;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The routes below {@code /v2/}.
 *
 * <p>Access depends on the repository that is addressed, so each route asks for it before anything
 * else: the owner may use every repository, somebody without a credential those of open projects.
 */
public final class RegistryRoutes {
  /** The prefix for which {@link OciErrors} is the error form. */
  public static final String PREFIX = "/v2/";

  private static final int PAGE = 10_000;

  private final Registry registry;

  private RegistryRoutes(Registry registry) {
    this.registry = registry;
  }

  /** All routes of a registry, to be mounted on a server whose filters authenticate. */
  public static List<Route> of(Registry registry) {
    RegistryRoutes own = new RegistryRoutes(registry);
    BlobRoutes blobs = new BlobRoutes(registry);
    UploadRoutes uploads = new UploadRoutes(registry);
    ManifestRoutes manifests = new ManifestRoutes(registry);
    List<Route> routes = new ArrayList<>();
    routes.add(own.route(Method.GET, "/v2", RegistryRoutes::ping));
    routes.add(own.route(Method.GET, "/v2/", RegistryRoutes::ping));
    routes.add(own.route(Method.GET, "/v2/_catalog", own::catalog));
    routes.add(own.inRepository(Method.GET, "/tags/list", own::tags));
    routes.add(own.inRepository(Method.POST, "/blobs/uploads/", uploads::begin));
    routes.add(own.inRepository(Method.POST, "/blobs/uploads", uploads::begin));
    routes.add(own.inRepository(Method.GET, "/blobs/uploads/{id}", uploads::state));
    routes.add(own.inRepository(Method.PATCH, "/blobs/uploads/{id}", uploads::append));
    routes.add(own.inRepository(Method.PUT, "/blobs/uploads/{id}", uploads::commit));
    routes.add(own.inRepository(Method.DELETE, "/blobs/uploads/{id}", uploads::cancel));
    routes.add(own.inRepository(Method.HEAD, "/blobs/{digest}", blobs::head));
    routes.add(own.inRepository(Method.GET, "/blobs/{digest}", blobs::get));
    routes.add(own.inRepository(Method.DELETE, "/blobs/{digest}", blobs::delete));
    routes.add(own.inRepository(Method.GET, "/manifests/{reference}", manifests::get));
    routes.add(own.inRepository(Method.PUT, "/manifests/{reference}", manifests::put));
    routes.add(own.inRepository(Method.DELETE, "/manifests/{reference}", manifests::delete));
    routes.add(own.inRepository(Method.GET, "/referrers/{digest}", manifests::referrers));
    routes.add(own.inRepository(Method.GET, "/_trust/{reference}", manifests::trust));
    return List.copyOf(routes);
  }

  /** The repository that a route addresses. */
  static String repository(Exchange exchange) {
    return exchange.pathParam("name");
  }

  /** Whether the caller may use a repository, this one or one to mount from. */
  static boolean mayUse(Registry registry, Exchange exchange, String repository) {
    return Principal.of(exchange).isOwner() || registry.isOpen(repository);
  }

  /** Whether the caller sees also what content trust does not admit. */
  static boolean seesAll(Exchange exchange, String repository) {
    return Principal.of(exchange).isOwner();
  }

  private Route inRepository(Method method, String tail, Handler handler) {
    return route(
        method,
        "/v2/<name>" + tail,
        exchange -> {
          if (!mayUse(registry, exchange, repository(exchange))) {
            Principal.of(exchange).requireOwner("repository " + repository(exchange));
          }
          handler.handle(exchange);
        });
  }

  private Route route(Method method, String pattern, Handler handler) {
    return new Route(
        method,
        pattern,
        exchange -> {
          exchange.setHeader("Docker-Distribution-Api-Version", "registry/2.0");
          handler.handle(exchange);
        },
        Exposure.DECIDED_BY_HANDLER);
  }

  private static void ping(Exchange exchange) throws IOException {
    exchange.sendJson(Json.object());
  }

  private void catalog(Exchange exchange) throws IOException {
    Paging paging = Paging.of(exchange, PAGE);
    boolean openOnly = !Principal.of(exchange).isOwner();
    Page<String> page = registry.repositories(paging.last(), paging.limit(), openOnly);
    sendNames(exchange, paging, page, Json.object(), "repositories");
  }

  private void tags(Exchange exchange) throws IOException {
    Paging paging = Paging.of(exchange, PAGE);
    Page<String> page = registry.tags(repository(exchange), paging.last(), paging.limit());
    sendNames(exchange, paging, page, Json.object().put("name", repository(exchange)), "tags");
  }

  private static void sendNames(
      Exchange exchange, Paging paging, Page<String> page, ObjectNode body, String field)
      throws IOException {
    ArrayNode names = body.putArray(field);
    page.entries().forEach(names::add);
    if (page.more() && !page.entries().isEmpty()) {
      paging.linkNext(exchange, page.entries().getLast(), "");
    }
    exchange.sendJson(body);
  }
}
