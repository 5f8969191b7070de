package dev.bulla.registry.http;

import dev.bulla.access.Permission;
import dev.bulla.access.Principal;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.registry.Registry;
import dev.bulla.web.Exchange;
import dev.bulla.web.Method;
import dev.bulla.web.Route;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * One home for each repository: where it is a copy, nobody writes it but the replication.
 *
 * @param homes the address of the home of a repository; empty if it is here
 */
public record HomeRegions(Registry registry, Function<String, Optional<String>> homes) {

  /**
   * The same routes; those that change a repository are refused where it has its home elsewhere.
   */
  public List<Route> guard(List<Route> routes) {
    return routes.stream().map(this::guard).toList();
  }

  private Route guard(Route route) {
    boolean writes = route.method() != Method.GET && route.method() != Method.HEAD;
    // attributes, as of Azure's API, are of this registry alone
    if (!writes || !route.pattern().contains("/<name>") || isAttribute(route)) {
      return route;
    }
    return new Route(
        route.method(),
        route.pattern(),
        exchange -> {
          requireHome(exchange, RegistryRoutes.repository(exchange));
          route.handler().handle(exchange);
        },
        route.exposure());
  }

  private static boolean isAttribute(Route route) {
    return route.method() == Method.PATCH && !route.pattern().startsWith("/v2/");
  }

  /** Who may not write there anyway is told that, by the route itself. */
  private void requireHome(Exchange exchange, String repository) {
    Principal caller = Principal.of(exchange);
    boolean writer =
        RegistryRoutes.may(registry, exchange, Permission.PUSH, repository)
            || caller.may(Permission.SIGN, repository)
            || caller.may(Permission.DELETE, repository);
    if (writer) {
      homes
          .apply(repository)
          .ifPresent(home -> {
            throw new BullaException(
                ErrorCode.REPOSITORY_ELSEWHERE,
                "repository %s has its home at %s; this is a copy".formatted(repository, home),
                "Push and delete there; this registry follows.");
          });
    }
  }
}
