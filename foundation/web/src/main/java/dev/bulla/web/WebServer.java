package dev.bulla.web;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.BindException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The HTTP server of a Bulla process: listeners, routes and what they share.
 *
 * <p>Each request runs on a virtual thread, or is answered by a {@link QuickHandler} without one.
 * Bodies are never buffered as a whole and never compressed. {@link #close} stops accepting, lets
 * running requests end for as long as the stop timeout allows, then cuts what is left, and those
 * that wait for a silent client sooner; whoever owns the process calls it from a shutdown hook.
 *
 * <p>Every server answers {@code /health/live}, {@code /health/ready} (both public) and {@code
 * /metrics} (guarded).
 */
public final class WebServer implements AutoCloseable {
  /** This part of the stop timeout a request may wait for a byte of its client, or to send one. */
  private static final int SILENCE = 3;

  private final Server server;
  private final Metrics metrics;
  private final List<URI> addresses;
  private final List<Route> routes;

  private WebServer(Server server, Metrics metrics, List<Route> routes) {
    this.server = server;
    this.metrics = metrics;
    this.routes = List.copyOf(routes);
    this.addresses =
        Arrays.stream(server.getConnectors())
            .map(ServerConnector.class::cast)
            .map(WebServer::addressOf)
            .toList();
  }

  private static URI addressOf(ServerConnector connector) {
    boolean tls = connector.getConnectionFactory(SslConnectionFactory.class) != null;
    return URI.create(
        (tls ? "https://" : "http://") + connector.getHost() + ":" + connector.getLocalPort());
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Where it listens, in the order of the listeners, with the real ports. */
  public List<URI> addresses() {
    return addresses;
  }

  /** What it answers, the first that fits a request. */
  public List<Route> routes() {
    return routes;
  }

  /** The first of {@link #addresses}. */
  public URI address() {
    return addresses.getFirst();
  }

  /** The first address that only this machine can reach, else the first of all. */
  public URI localAddress() {
    Connector[] connectors = server.getConnectors();
    for (int i = 0; i < connectors.length; i++) {
      if (connectors[i] instanceof FileConnector connector && connector.local()) {
        return addresses.get(i);
      }
    }
    return address();
  }

  /** Where services register their own counters. */
  public MeterRegistry metrics() {
    return metrics.registry();
  }

  /** Drains and stops; further calls do nothing. */
  @Override
  public void close() {
    drain();
    server.setStopTimeout(0); // running requests have had their time
    stop(server);
    metrics.close();
  }

  /**
   * Takes no new connections, lets running requests end, then ends the connections that rest. Left
   * to itself Jetty gives every connection one second, also one whose request is running but waits
   * for its client; here it is longer. What computes is not touched by it.
   */
  private void drain() {
    if (!server.isRunning()) {
      return;
    }
    for (Connector connector : server.getConnectors()) {
      ((ServerConnector) connector).setShutdownIdleTimeout(server.getStopTimeout() / SILENCE);
      connector.shutdown();
    }
    try {
      server
          .getDescendant(GracefulHandler.class)
          .shutdown()
          .get(server.getStopTimeout(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // their time is over: they are ended with their connections
    }
    for (Connector connector : server.getConnectors()) {
      connector.getConnectedEndPoints().forEach(EndPoint::close);
    }
  }

  private static void stop(Server server) {
    try {
      server.stop();
    } catch (Exception e) {
      System.getLogger(WebServer.class.getName())
          .log(System.Logger.Level.WARNING, "while stopping", e);
    }
  }

  /** How a server is put together. Not thread-safe. */
  public static final class Builder {
    private final List<Listener> listeners = new ArrayList<>();
    private final List<Route> routes = new ArrayList<>();
    private final List<Filter> filters = new ArrayList<>();
    private final List<String> hosts = new ArrayList<>();
    private final ErrorForms errorForms = new ErrorForms();
    private final Map<String, BooleanSupplier> readiness = new LinkedHashMap<>();
    private Optional<Guard> guard = Optional.empty();
    private Optional<SSLContext> tls = Optional.empty();
    private Optional<PublicTls> publicTls = Optional.empty();
    private Proxies proxies = Proxies.NONE;
    private Observer observer = (exchange, status) -> {};
    private Around around = (exchange, handling) -> handling.run();
    private Duration stopTimeout = Duration.ofSeconds(10);
    private Duration idleTimeout = Duration.ofMinutes(5);
    private Duration headTimeout = Duration.ofSeconds(30);

    private Builder() {}

    /** Adds a listener; at least one is needed. */
    public Builder listen(Listener value) {
      listeners.add(value);
      return this;
    }

    public Builder routes(List<Route> value) {
      routes.addAll(value);
      return this;
    }

    /**
     * Adds a filter; filters run in the order in which they were added, after the check of Host and
     * Origin.
     */
    public Builder filter(Filter value) {
      filters.add(value);
      return this;
    }

    /** Who may reach guarded routes; without one, nobody. */
    public Builder guard(Guard value) {
      guard = Optional.of(value);
      return this;
    }

    /** What HTTPS listeners on loopback answer with; needed if there is one. */
    public Builder tls(SSLContext value) {
      tls = Optional.of(value);
      return this;
    }

    /** What all other HTTPS listeners answer with; needed if there is one. */
    public Builder publicTls(PublicTls value) {
      publicTls = Optional.of(value);
      return this;
    }

    /** Whose word about a caller counts; nobody's unless set. */
    public Builder proxies(Proxies value) {
      proxies = value;
      return this;
    }

    /** Who is told of every exchange; nobody unless set. */
    public Builder observer(Observer value) {
      observer = value;
      return this;
    }

    /** What handlers run in; nothing unless set. */
    public Builder around(Around value) {
      around = value;
      return this;
    }

    /**
     * A further name, without port, by which callers may address this server; {@code *.} at its
     * beginning stands for one label.
     */
    public Builder host(String value) {
      hosts.add(value);
      return this;
    }

    /** The error bodies of all paths that begin with {@code prefix}. */
    public Builder errors(String prefix, ErrorWriter value) {
      errorForms.put(prefix, value);
      return this;
    }

    /** A condition of {@code /health/ready}; cheap, called on each probe. */
    public Builder readyWhen(String name, BooleanSupplier value) {
      readiness.put(name, value);
      return this;
    }

    /**
     * How long {@link WebServer#close} waits for running requests, and for a third of it for those
     * whose client is silent; 10 seconds unless set.
     */
    public Builder stopTimeout(Duration value) {
      stopTimeout = value;
      return this;
    }

    /** How long a connection may rest without a byte in either direction; 5 minutes unless set. */
    public Builder idleTimeout(Duration value) {
      idleTimeout = value;
      return this;
    }

    /**
     * How long a caller may take for a TLS handshake, and for the head of a request; 30 seconds
     * unless set.
     */
    public Builder headTimeout(Duration value) {
      headTimeout = value;
      return this;
    }

    /**
     * Starts to listen.
     *
     * @throws BullaException {@link ErrorCode#PORT_IN_USE} if a port is taken; nothing listens then
     */
    public WebServer start() {
      if (listeners.isEmpty()) {
        throw new IllegalStateException("a server needs a listener");
      }
      quietLoggers();
      Metrics metrics = new Metrics();
      filters.addFirst(new HostFilter(hosts));
      routes.addAll(new Health(readiness).routes());
      routes.add(Route.get("/metrics", metrics::handle));
      Server server = new Server(threads());
      configure(
          server,
          new Dispatch(routes, filters, guard, errorForms, metrics, proxies, observer, around));
      try {
        server.start();
      } catch (Exception e) {
        stop(server);
        metrics.close();
        throw startFailed(e);
      }
      metrics.watch();
      return new WebServer(server, metrics, routes);
    }

    /** Platform threads select and accept only; requests run on virtual threads. */
    private static QueuedThreadPool threads() {
      QueuedThreadPool pool = new QueuedThreadPool(16, 2, 60_000);
      pool.setName("web");
      pool.setReservedThreads(0);
      pool.setVirtualThreadsExecutor(command -> Thread.ofVirtual().name("request").start(command));
      return pool;
    }

    /** A drain needs both: the handler that counts requests and a stop timeout above zero. */
    private void configure(Server server, Dispatch dispatch) {
      server.setStopTimeout(stopTimeout.toMillis());
      server.setStopAtShutdown(false);
      server.setHandler(new GracefulHandler(dispatch));
      server.setErrorHandler(new BrokenRequests(errorForms));
      Connectors connectors = new Connectors(tls, publicTls, idleTimeout, headTimeout);
      for (Listener listener : listeners) {
        server.addConnector(connectors.of(server, listener));
      }
    }

    private BullaException startFailed(Exception e) {
      String where = listeners.stream().map(Listener::toString).collect(Collectors.joining(", "));
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof BindException) {
          return new BullaException(
              ErrorCode.PORT_IN_USE,
              "cannot listen at " + where + ": " + cause.getMessage(),
              "Stop the program that uses the port, or listen at another.",
              e);
        }
      }
      return new BullaException(ErrorCode.INTERNAL, "the web server did not start at " + where, e);
    }
  }

  /**
   * Jetty says at INFO what nobody asked. Its logger is held here because java.util.logging forgets
   * a level with its logger.
   */
  private static final java.util.logging.Logger JETTY =
      java.util.logging.Logger.getLogger("org.eclipse.jetty");

  private static void quietLoggers() {
    if (JETTY.getLevel() == null) {
      JETTY.setLevel(java.util.logging.Level.WARNING);
    }
  }
}
