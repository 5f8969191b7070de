package dev.bulla.web;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * What happens around every handler, in order: filters, the route's exposure, the handler, the
 * error body of the route's protocol, the count of the request.
 *
 * <p>A {@link QuickHandler} is asked on the thread that serves the connections, if no filter may
 * wait: then nothing is handed from thread to thread. All others run on a virtual thread of their
 * own.
 */
final class Dispatch extends org.eclipse.jetty.server.Handler.Abstract.NonBlocking {
  private static final System.Logger LOG = System.getLogger(Dispatch.class.getName());

  private final Routing routing;
  private final List<Filter> filters;
  private final Optional<Guard> guard;
  private final ErrorForms errorWriters;
  private final Metrics metrics;
  private final Proxies proxies;
  private final Observer observer;
  private final Around around;
  private final Buffers buffers = new Buffers();

  Dispatch(
      List<Route> routes,
      List<Filter> filters,
      Optional<Guard> guard,
      ErrorForms errorWriters,
      Metrics metrics,
      Proxies proxies,
      Observer observer,
      Around around) {
    this.routing = new Routing(routes);
    this.filters = List.copyOf(filters);
    this.guard = guard;
    this.errorWriters = errorWriters;
    this.metrics = metrics;
    this.proxies = proxies;
    this.observer = observer;
    this.around = around;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    long start = System.nanoTime();
    String path = Objects.requireNonNullElse(request.getHttpURI().getPath(), "");
    Optional<Method> method = methodOf(request.getMethod());
    Optional<Routing.Found> found = method.flatMap(known -> routing.find(known, path));
    JettyExchange exchange =
        new JettyExchange(
            request,
            response,
            callback,
            method.orElse(Method.GET),
            path,
            found.map(Routing.Found::parameters).orElse(Map.of()),
            buffers,
            proxies);
    if (found.isEmpty()) {
      Problem problem = unrouted(request.getMethod(), path);
      later(exchange, () -> answer(exchange, "none", start, () -> refuse(exchange, problem, path)));
      return true;
    }
    Route route = found.get().route();
    if (!(route.handler() instanceof QuickHandler quick) || mayWait(exchange)) {
      later(exchange, () -> answer(exchange, route.pattern(), start, () -> all(exchange, route)));
    } else if (!answer(exchange, route.pattern(), start, () -> atOnce(exchange, route, quick))) {
      later(
          exchange,
          () -> answer(exchange, route.pattern(), start, () -> afterFilters(exchange, route)));
    }
    return true;
  }

  /** Whether an exchange may keep its thread waiting before its handler is asked. */
  private boolean mayWait(JettyExchange exchange) {
    if (exchange.contentLength().orElse(0) > 0
        || exchange.header(HttpHeader.TRANSFER_ENCODING.asString()).isPresent()) {
      return true;
    }
    for (Filter filter : filters) {
      if (filter.mayWait(exchange)) {
        return true;
      }
    }
    return false;
  }

  private boolean atOnce(JettyExchange exchange, Route route, QuickHandler quick)
      throws IOException {
    check(exchange);
    expose(exchange, route);
    return quick.handleAtOnce(exchange);
  }

  private boolean all(JettyExchange exchange, Route route) throws IOException {
    check(exchange);
    expose(exchange, route);
    return afterFilters(exchange, route);
  }

  private boolean afterFilters(JettyExchange exchange, Route route) throws IOException {
    around.run(exchange, () -> route.handler().handle(exchange));
    return true;
  }

  private boolean refuse(JettyExchange exchange, Problem problem, String path) throws IOException {
    check(exchange);
    fail(exchange, problem, routing.allowed(path));
    return true;
  }

  private void check(JettyExchange exchange) {
    for (Filter filter : filters) {
      filter.check(exchange);
    }
  }

  private static void later(JettyExchange exchange, Runnable work) {
    Thread.ofVirtual()
        .name("request")
        .start(() -> {
          try {
            work.run();
          } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "an exchange was left without an answer", e);
            exchange.abort(new IOException(e));
            exchange.complete();
          }
        });
  }

  private Problem unrouted(String method, String path) {
    String what = Shown.text(method) + " " + Shown.text(path);
    return !routing.allowed(path).isEmpty()
        ? new Problem(
            ErrorCode.REQUEST_INVALID,
            405,
            what + ": the path is served, but not for this method",
            "")
        : new Problem(ErrorCode.ROUTE_NOT_FOUND, 404, what + ": nothing is served here", "");
  }

  /** False if the step did nothing; otherwise the answer has left, and the exchange is over. */
  private boolean answer(JettyExchange exchange, String pattern, long start, Step step) {
    try {
      if (!step.run()) {
        return false;
      }
    } catch (BullaException e) {
      Problem problem = Problem.of(e);
      if (problem.status() >= 500) {
        LOG.log(
            System.Logger.Level.WARNING,
            exchange.method() + " " + exchange.path() + ": " + e.reason(),
            e);
      }
      failQuietly(exchange, problem);
    } catch (BodyStream.Broken e) {
      String detail = "the body of the request broke off before the end that was announced";
      failQuietly(exchange, new Problem(ErrorCode.REQUEST_INVALID, 400, detail, ""));
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, () -> exchange.path() + ": the exchange broke off", e);
      cut(exchange, e);
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, exchange.method() + " " + exchange.path() + " failed", e);
      String detail = "the server failed on this request; its log says more";
      failQuietly(exchange, new Problem(ErrorCode.INTERNAL, 500, detail, ""));
    }
    Duration time = Duration.ofNanos(System.nanoTime() - start);
    metrics.record(exchange.method(), pattern, exchange.status(), time);
    tell(exchange);
    exchange.complete();
    return true;
  }

  /** An exchange that was refused for its forwarding headers cannot say where it came from. */
  private void tell(JettyExchange exchange) {
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

  private void failQuietly(JettyExchange exchange, Problem problem) {
    try {
      fail(exchange, problem);
    } catch (IOException e) {
      cut(exchange, e);
    }
  }

  private void fail(JettyExchange exchange, Problem problem) throws IOException {
    fail(exchange, problem, "");
  }

  private void fail(JettyExchange exchange, Problem problem, String allowed) throws IOException {
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
  private static void cut(JettyExchange exchange, IOException why) {
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
    boolean run() throws IOException;
  }
}
