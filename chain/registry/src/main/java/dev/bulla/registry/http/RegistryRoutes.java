package dev.bulla.registry.http;

import dev.bulla.access.Permission;
import dev.bulla.access.Principal;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Page;
import dev.bulla.registry.Projects;
import dev.bulla.registry.Registry;
import dev.bulla.web.Exchange;
import dev.bulla.web.Exposure;
import dev.bulla.web.Handler;
import dev.bulla.web.Method;
import dev.bulla.web.QuickHandler;
import dev.bulla.web.Route;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
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
  private static final String UPLOADS = "/blobs/uploads";
  private static final Set<Permission> FOR_ALL =
      Set.of(Permission.PULL, Permission.PUSH, Permission.DELETE);

  private final Registry registry;
  private final BooleanSupplier challenges;

  private RegistryRoutes(Registry registry, BooleanSupplier challenges) {
    this.registry = registry;
    this.challenges = challenges;
  }

  /** All routes of a registry, to be mounted on a server whose filters authenticate. */
  public static List<Route> of(Registry registry) {
    return of(registry, () -> false);
  }

  /**
   * @param challenges whether callers without a credential are sent for a token when they first
   *     knock, because who they are makes a difference
   */
  public static List<Route> of(Registry registry, BooleanSupplier challenges) {
    RegistryRoutes own = new RegistryRoutes(registry, challenges);
    BlobRoutes blobs = new BlobRoutes(registry);
    UploadRoutes uploads = new UploadRoutes(registry);
    ManifestRoutes manifests = new ManifestRoutes(registry, challenges);
    List<Route> routes = new ArrayList<>();
    // the first that matches counts, so what is asked for most often comes first
    routes.add(own.inRepository(Method.GET, "/manifests/{reference}", manifests.reader()));
    routes.add(own.inRepository(Method.HEAD, "/blobs/{digest}", blobs::head));
    routes.add(own.inRepository(Method.GET, "/blobs/{digest}", blobs.reader()));
    routes.add(own.route(Method.GET, "/v2", own::ping));
    routes.add(own.route(Method.GET, "/v2/", own::ping));
    routes.add(own.route(Method.GET, "/v2/_catalog", own::catalog));
    routes.add(own.inRepository(Method.GET, "/tags/list", own::tags));
    routes.add(own.inRepository(Method.POST, "/blobs/uploads/", uploads::begin));
    routes.add(own.inRepository(Method.POST, "/blobs/uploads", uploads::begin));
    routes.add(own.inRepository(Method.GET, "/blobs/uploads/{id}", uploads::state));
    routes.add(own.inRepository(Method.PATCH, "/blobs/uploads/{id}", uploads::append));
    routes.add(own.inRepository(Method.PUT, "/blobs/uploads/{id}", uploads::commit));
    routes.add(own.inRepository(Method.DELETE, "/blobs/uploads/{id}", uploads::cancel));
    routes.add(own.inRepository(Method.DELETE, "/blobs/{digest}", blobs::delete));
    routes.add(own.inRepository(Method.PUT, "/manifests/{reference}", manifests::put));
    routes.add(own.inRepository(Method.DELETE, "/manifests/{reference}", manifests::delete));
    routes.add(own.inRepository(Method.GET, "/referrers/{digest}", manifests::referrers));
    routes.addAll(TrustRoutes.of(registry));
    return List.copyOf(routes);
  }

  /** The repository that a route addresses. */
  static String repository(Exchange exchange) {
    return exchange.pathParam("name");
  }

  /**
   * Whether the caller may do something with a repository: everybody on this machine may pull, push
   * and delete in open projects, and the whole world may pull where that is enabled.
   */
  public static boolean may(
      Registry registry, Exchange exchange, Permission permission, String repository) {
    return may(registry, Principal.of(exchange), permission, repository);
  }

  static boolean may(
      Registry registry, Principal principal, Permission permission, String repository) {
    return principal.may(permission, repository)
        || principal.local()
            && FOR_ALL.contains(permission)
            && registry.projects().isOpen(repository)
        || permission == Permission.PULL && registry.projects().isPublic(repository);
  }

  /** Whether the caller sees also what content trust does not admit. */
  public static boolean seesAll(Exchange exchange, String repository) {
    Principal principal = Principal.of(exchange);
    return mayPushIfAsked(principal, repository)
        || principal.may(Permission.QUARANTINE_READ, repository);
  }

  /** Whether a caller may push, if need be with another token than the one he came with. */
  static boolean mayPushIfAsked(Principal principal, String repository) {
    return principal.may(Permission.PUSH, repository)
        || principal.may(Permission.PUSH_UNASKED, repository);
  }

  /** The same of manifests alone, which is what a signer needs. */
  public static boolean seesAllManifests(Exchange exchange, String repository) {
    return seesAll(exchange, repository) || Principal.of(exchange).may(Permission.SIGN, repository);
  }

  private Route inRepository(Method method, String tail, Handler handler) {
    return route(
        method,
        "/v2/<name>" + tail,
        QuickHandler.after(
            exchange ->
                requireAccess(exchange, method, tail.startsWith(UPLOADS), repository(exchange)),
            method == Method.GET || method == Method.HEAD ? handler : withinQuota(handler)));
  }

  /** What a quota refuses is told to those who follow what happens. */
  private Handler withinQuota(Handler handler) {
    return exchange -> {
      try {
        handler.handle(exchange);
      } catch (BullaException e) {
        if (e.code() == ErrorCode.QUOTA_EXCEEDED) {
          tell(repository(exchange), e);
        }
        throw e;
      }
    };
  }

  private void tell(String repository, BullaException refusal) {
    try {
      registry.quotas().refused(repository, refusal.reason());
    } catch (BullaException e) {
      refusal.addSuppressed(e); // the refusal is the one to report
    }
  }

  /** A signer may push; what it pushes must be evidence, which the push of the manifest checks. */
  private void requireAccess(Exchange exchange, Method method, boolean upload, String repository) {
    boolean allowed =
        switch (method) {
          case GET, HEAD ->
              may(registry, exchange, Permission.PULL, repository)
                  || seesAllManifests(exchange, repository);
          case DELETE ->
              may(registry, exchange, Permission.DELETE, repository)
                  || upload && mayWrite(exchange, repository);
          default -> mayWrite(exchange, repository);
        };
    if (!allowed) {
      refuse(exchange, repository);
    }
  }

  private boolean mayWrite(Exchange exchange, String repository) {
    return may(registry, exchange, Permission.PUSH, repository)
        || Principal.of(exchange).may(Permission.SIGN, repository);
  }

  /**
   * A token names the repositories that it was asked for. One that does not name this repository
   * was got for another: its holder is sent for the right one, as the token specification has it;
   * clients keep a token and try it first. So is who did not ask for what he may. Who has the right
   * token and may not do this is told so.
   *
   * @throws BullaException {@code ACCESS_UNAUTHENTICATED} for somebody without a name or with a
   *     token for something else, {@code ACCESS_DENIED} for others
   */
  public static void refuse(Exchange exchange, String repository) {
    Principal principal = Principal.of(exchange);
    boolean meant = principal.grants().stream().anyMatch(one -> one.glob().equals(repository));
    boolean unasked =
        switch (exchange.method()) {
          case GET, HEAD -> false;
          case DELETE -> principal.may(Permission.DELETE_UNASKED, repository);
          default -> principal.may(Permission.PUSH_UNASKED, repository);
        };
    if (principal.scoped() && !principal.isAnonymous() && (!meant || unasked)) {
      throw new BullaException(
          ErrorCode.ACCESS_UNAUTHENTICATED,
          "the token of %s is not for %s repository %s"
              .formatted(principal.name(), unasked ? "this in" : "", repository)
              .replace("  ", " "),
          "Get one for it where the challenge says.");
    }
    refuse(principal, repository);
  }

  static void refuse(Principal principal, String repository) {
    if (principal.isAnonymous()) {
      throw new BullaException(
          ErrorCode.ACCESS_UNAUTHENTICATED,
          "repository %s is not open to callers without a credential".formatted(repository),
          "Log in as a robot, with an identity token, or with the server's own token.");
    }
    throw new BullaException(
        ErrorCode.ACCESS_DENIED,
        "%s may not do this in repository %s".formatted(principal.name(), repository),
        "Ask the owner of the registry for a grant.");
  }

  private Route route(Method method, String pattern, Handler handler) {
    return new Route(
        method,
        pattern,
        QuickHandler.after(
            exchange -> exchange.setHeader("Docker-Distribution-Api-Version", "registry/2.0"),
            handler),
        Exposure.DECIDED_BY_HANDLER);
  }

  private void ping(Exchange exchange) throws IOException {
    boolean asked = !Principal.of(exchange).local() || challenges.getAsBoolean();
    if (exchange.headers("Authorization").isEmpty() && asked) {
      throw new BullaException(
          ErrorCode.ACCESS_UNAUTHENTICATED,
          "this registry asks who is calling",
          "Get a token where the challenge says; it can be had without a credential too.");
    }
    exchange.sendJson(Json.object());
  }

  private void catalog(Exchange exchange) throws IOException {
    Paging paging = Paging.of(exchange, PAGE);
    Page<String> page =
        visible(
            registry,
            exchange,
            name ->
                may(registry, exchange, Permission.PULL, name)
                    || Principal.of(exchange).may(Permission.METADATA_READ, name),
            paging.last(),
            paging.limit());
    ObjectNode body = Json.object();
    sendNames(exchange, paging, page, body, "repositories");
  }

  /**
   * Repositories that a caller may know of. Pages are full of what he may, so that neither a short
   * page nor the link to the next one tells of what he may not.
   *
   * @param allowed whether a caller with grants may know of a repository
   */
  public static Page<String> visible(
      Registry registry, Exchange exchange, Predicate<String> allowed, String last, int limit) {
    Principal principal = Principal.of(exchange);
    if (principal.grants().isEmpty()) {
      Projects.Seen seen =
          principal.isOwner()
              ? Projects.Seen.ALL
              : principal.local() ? Projects.Seen.OPEN : Projects.Seen.PUBLIC;
      return registry.repositories(last, limit, seen);
    }
    List<String> found = new ArrayList<>();
    Page<String> page = new Page<>(List.of(), true);
    for (String after = last; page.more() && found.size() <= limit; ) {
      page = registry.repositories(after, PAGE, Projects.Seen.ALL);
      page.entries().stream().filter(allowed).forEach(found::add);
      after = page.entries().isEmpty() ? after : page.entries().getLast();
    }
    return Page.of(found, limit);
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
