package dev.bulla.web;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.MethodNotAllowedResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What happens around every handler, in order: filters, the route's exposure, the handler, the
 * error body of the route's protocol, the count of the request.
 */
final class Dispatch {
  private static final System.Logger LOG = System.getLogger(Dispatch.class.getName());

  private final List<Filter> filters;
  private final Optional<Guard> guard;
  private final ErrorForms errorWriters;
  private final Metrics metrics;
  private final Proxies proxies;
  private final Observer observer;
  private final Around around;
  private final Buffers buffers = new Buffers();

  Dispatch(
      List<Filter> filters,
      Optional<Guard> guard,
      ErrorForms errorWriters,
      Metrics metrics,
      Proxies proxies,
      Observer observer,
      Around around) {
    this.filters = List.copyOf(filters);
    this.guard = guard;
    this.errorWriters = errorWriters;
    this.metrics = metrics;
    this.proxies = proxies;
    this.observer = observer;
    this.around = around;
  }

  /** Answers a request that has a route. */
  void run(Context context, Method method, Route route) {
    JavalinExchange exchange = new JavalinExchange(context, method, buffers, proxies);
    answer(
        exchange,
        route.pattern(),
        () -> {
          expose(exchange, route);
          around.run(exchange, () -> route.handler().handle(exchange));
        });
  }

  /** Answers a request that has no route, or none for its method. */
  void runUnrouted(Context context, HttpResponseException why) {
    String name = context.method().name();
    Optional<Method> method = methodOf(name);
    JavalinExchange exchange =
        new JavalinExchange(context, method.orElse(Method.GET), buffers, proxies);
    answer(
        exchange,
        "none",
        () -> {
          Problem problem = unrouted(name, exchange.path(), why);
          fail(exchange, problem, allowed(why));
        });
  }

  /** The methods that a path is served for; empty if it is not served at all. */
  private static String allowed(HttpResponseException why) {
    return why.getDetails().getOrDefault("availableMethods", "");
  }

  private static Problem unrouted(String method, String path, HttpResponseException why) {
    String what = Shown.text(method) + " " + Shown.text(path);
    if (why instanceof MethodNotAllowedResponse) {
      String detail = what + ": the path is served, but not for this method";
      return new Problem(ErrorCode.REQUEST_INVALID, 405, detail, "");
    }
    return why.getStatus() == 404
        ? new Problem(ErrorCode.ROUTE_NOT_FOUND, 404, what + ": nothing is served here", "")
        : new Problem(
            ErrorCode.REQUEST_INVALID, why.getStatus(), what + ": " + why.getMessage(), "");
  }

  private void answer(JavalinExchange exchange, String pattern, Step step) {
    long start = System.nanoTime();
    try {
      for (Filter filter : filters) {
        filter.check(exchange);
      }
      step.run();
    } catch (BullaException e) {
      Problem problem = Problem.of(e);
      if (problem.status() >= 500) {
        LOG.log(
            System.Logger.Level.WARNING,
            exchange.method() + " " + exchange.path() + ": " + e.reason(),
            e);
      }
      failQuietly(exchange, problem);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, () -> exchange.path() + ": the exchange broke off", e);
      cut(exchange, e);
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, exchange.method() + " " + exchange.path() + " failed", e);
      String detail = "the server failed on this request; its log says more";
      failQuietly(exchange, new Problem(ErrorCode.INTERNAL, 500, detail, ""));
    } finally {
      Duration time = Duration.ofNanos(System.nanoTime() - start);
      metrics.record(exchange.method(), pattern, exchange.status(), time);
      tell(exchange);
    }
  }

  /** An exchange that was refused for its forwarding headers cannot say where it came from. */
  private void tell(JavalinExchange exchange) {
    try {
      observer.answered(exchange, exchange.status());
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "an exchange was not observed", e);
    }
  }

  private void expose(Exchange exchange, Route route) {
    switch (route.exposure()) {
      case PUBLIC, DECIDED_BY_HANDLER -> {}
      case GUARDED ->
          guard
              .orElseThrow(() ->
                  new BullaException(
                      ErrorCode.ACCESS_DENIED,
                      route.pattern() + " needs access control, and this server has none"))
              .admit(exchange);
    }
  }

  private void failQuietly(JavalinExchange exchange, Problem problem) {
    try {
      fail(exchange, problem);
    } catch (IOException e) {
      cut(exchange, e);
    }
  }

  private void fail(JavalinExchange exchange, Problem problem) throws IOException {
    fail(exchange, problem, "");
  }

  private void fail(JavalinExchange exchange, Problem problem, String allowed) throws IOException {
    if (exchange.committed()) {
      throw new IOException("failed after the answer began: " + problem.detail());
    }
    exchange.forgetAnswer();
    exchange.finishBody();
    if (!allowed.isEmpty()) {
      exchange.setHeader("Allow", allowed);
    }
    if (problem.status() == 429 || problem.status() == 503) {
      RetryAfter otherwise = problem.status() == 429 ? RetryAfter.STANDARD : RetryAfter.SOON;
      long seconds = exchange.attribute(RetryAfter.class).orElse(otherwise).seconds();
      exchange.setHeader("Retry-After", Long.toString(seconds));
    }
    errorWriters.of(exchange.path()).write(exchange, problem);
  }

  /** The answer cannot be completed: the connection must not look as if it had been. */
  private static void cut(JavalinExchange exchange, IOException why) {
    exchange.abort(why);
  }

  private static Optional<Method> methodOf(String name) {
    for (Method method : Method.values()) {
      if (method.name().equals(name)) {
        return Optional.of(method);
      }
    }
    return Optional.empty();
  }

  @FunctionalInterface
  private interface Step {
    void run() throws IOException;
  }
}
