package dev.bulla.registry.http;

import dev.bulla.access.Principal;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Registry;
import dev.bulla.web.Exchange;
import dev.bulla.web.Exposure;
import dev.bulla.web.Method;
import dev.bulla.web.Route;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Content trust over HTTP: beside each repository under {@code /v2/NAME/_trust} and {@code
 * _waivers}, and for the command line under {@code /v1/registry/}. Each route asks for the
 * permission that it needs ({@link TrustWork}); bindings are the owner's.
 */
final class TrustRoutes {
  private static final int MAX_BODY = 64 * 1024;
  private static final int MAX_BINDING = 16 * 1024 * 1024;
  private static final int PAGE = 100;
  private static final int MAX_PAGE = 1_000;

  private final Registry registry;

  private TrustRoutes(Registry registry) {
    this.registry = registry;
  }

  /** What a caller does, as a document. */
  @FunctionalInterface
  private interface Work {
    ObjectNode run(TrustWork work, Exchange exchange) throws IOException;
  }

  /** The routes below {@code /v2/}. */
  static List<Route> of(Registry registry) {
    TrustRoutes own = new TrustRoutes(registry);
    String one = "/v2/<name>/_trust/{reference}";
    String waiver = "/v2/<name>/_waivers/{id}";
    return List.of(
        new Route(Method.GET, Extensions.PATH, Extensions::list, Exposure.DECIDED_BY_HANDLER),
        own.route(Method.GET, one, (work, e) -> work.describe(name(e), e.pathParam("reference"))),
        own.route(Method.GET, "/v2/<name>/_trust", TrustRoutes::list),
        own.route(
            Method.POST,
            one + "/evaluate",
            (work, e) -> work.admit(name(e), e.pathParam("reference"))),
        own.route(
            Method.POST,
            one + "/revoke",
            (work, e) -> work.revoke(name(e), e.pathParam("reference"), body(e))),
        own.route(
            Method.DELETE,
            one + "/revoke",
            (work, e) -> work.reinstate(name(e), e.pathParam("reference"))),
        own.route(
            Method.POST,
            one + "/receipt",
            (work, e) -> work.receipt(name(e), e.pathParam("reference"))),
        own.route(
            Method.POST,
            one + "/waive",
            (work, e) -> work.waive(name(e), e.pathParam("reference"), body(e))),
        own.route(
            Method.GET,
            "/v2/<name>/_waivers",
            (work, e) -> work.waivers(name(e), last(e), limit(e))),
        own.route(Method.POST, waiver + "/approve", (work, e) -> work.approve(own.waiverOf(e))),
        own.route(Method.DELETE, waiver, (work, e) -> work.unwaive(own.waiverOf(e))));
  }

  /** The same for the command line, and the bindings. */
  static List<Route> ofNativeApi(Registry registry) {
    TrustRoutes own = new TrustRoutes(registry);
    List<Route> routes =
        new ArrayList<>(
            List.of(
                Route.get("/v1/registry/bindings", own::bindings),
                Route.post("/v1/registry/bind", own::bind),
                Route.post("/v1/registry/unbind", own::unbind)));
    routes.add(
        own.route(
            Method.GET,
            "/v1/registry/trust",
            (work, e) ->
                work.describe(e.query("repository").orElse(""), e.query("reference").orElse(""))));
    routes.add(
        own.about("admit", (work, fields) -> work.admit(repository(fields), reference(fields))));
    routes.add(
        own.about(
            "revoke",
            (work, fields) -> work.revoke(repository(fields), reference(fields), fields.node())));
    routes.add(
        own.about(
            "receipt", (work, fields) -> work.receipt(repository(fields), reference(fields))));
    routes.add(
        own.about(
            "reinstate", (work, fields) -> work.reinstate(repository(fields), reference(fields))));
    routes.add(
        own.about(
            "waive",
            (work, fields) -> work.waive(repository(fields), reference(fields), fields.node())));
    routes.add(
        own.route(
            Method.GET,
            "/v1/registry/waivers",
            (work, e) -> work.waivers(e.query("repository").orElse(""), last(e), limit(e))));
    routes.add(
        own.route(
            Method.POST,
            "/v1/registry/waivers/{id}/approve",
            (work, e) -> work.approve(TrustWork.id(e.pathParam("id")))));
    routes.add(
        own.route(
            Method.DELETE,
            "/v1/registry/waivers/{id}",
            (work, e) -> work.unwaive(TrustWork.id(e.pathParam("id")))));
    return routes;
  }

  private Route route(Method method, String pattern, Work work) {
    return new Route(
        method,
        pattern,
        exchange ->
            exchange.sendJson(work.run(new TrustWork(registry, Principal.of(exchange)), exchange)),
        Exposure.DECIDED_BY_HANDLER);
  }

  /** What is done with a manifest that the body names. */
  @FunctionalInterface
  private interface About {
    ObjectNode run(TrustWork work, Fields request);
  }

  private Route about(String what, About about) {
    return route(
        Method.POST,
        "/v1/registry/" + what,
        (work, exchange) -> about.run(work, Fields.of(body(exchange), "request")));
  }

  private static ObjectNode list(TrustWork work, Exchange exchange) {
    return work.list(
        name(exchange),
        exchange.query("state").orElse(""),
        exchange.query("last").orElse(""),
        limit(exchange));
  }

  /** A waiver is addressed below the repository that it is about, and nowhere else. */
  private long waiverOf(Exchange exchange) {
    long id = TrustWork.id(exchange.pathParam("id"));
    if (!registry.trust().waivers().get(id).repository().equals(name(exchange))) {
      throw new BullaException(
          ErrorCode.ROUTE_NOT_FOUND, "%s has no waiver %d".formatted(name(exchange), id));
    }
    return id;
  }

  private void bindings(Exchange exchange) throws IOException {
    exchange.sendJson(BindingWork.describeBindings(registry));
  }

  private void bind(Exchange exchange) throws IOException {
    JsonNode body = Json.parse(exchange.bodyBytes(MAX_BINDING), "request");
    Fields fields = Fields.of(body, "request");
    exchange.sendJson(
        BindingWork.bind(registry, BindingWork.binding(body), dryRun(fields), after(fields)));
  }

  private void unbind(Exchange exchange) throws IOException {
    Fields fields = Fields.of(body(exchange), "request").only("glob", "dryRun", "after");
    exchange.sendJson(
        BindingWork.unbind(registry, fields.string("glob"), dryRun(fields), after(fields)));
  }

  private static boolean dryRun(Fields fields) {
    return fields.optionalBoolean("dryRun").orElse(false);
  }

  private static String after(Fields fields) {
    return fields.optionalString("after").orElse("");
  }

  private static String name(Exchange exchange) {
    return RegistryRoutes.repository(exchange);
  }

  private static String repository(Fields request) {
    return request.string("repository");
  }

  private static String reference(Fields request) {
    return request.string("reference");
  }

  private static long last(Exchange exchange) {
    return exchange.query("last").filter(text -> !text.isEmpty()).map(TrustWork::id).orElse(0L);
  }

  private static int limit(Exchange exchange) {
    return Math.clamp(Paging.of(exchange, PAGE).limit(), 1, MAX_PAGE);
  }

  private static JsonNode body(Exchange exchange) throws IOException {
    byte[] bytes = exchange.bodyBytes(MAX_BODY);
    return bytes.length == 0 ? Json.object() : Json.parse(bytes, "request");
  }
}
