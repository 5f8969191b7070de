package dev.bulla.server;

import dev.bulla.keys.LocalTls;
import dev.bulla.registry.Registry;
import dev.bulla.registry.events.Courier;
import dev.bulla.registry.events.EventLog;
import dev.bulla.registry.http.EventRoutes;
import dev.bulla.registry.replication.Feed;
import dev.bulla.store.Home;
import dev.bulla.store.Records;
import dev.bulla.web.Route;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;

/** What happened to the registry of a home, and who is told. */
public final class EventService implements AutoCloseable {
  private final Registry registry;
  private final EventLog log;
  private final Courier courier;

  private EventService(Registry registry, EventLog log, Courier courier) {
    this.registry = registry;
    this.log = log;
    this.courier = courier;
  }

  /** Tells webhooks, until it is closed. */
  static EventService start(
      Home home, Registry registry, Records records, Feed feed, InstantSource clock) {
    SecureRandom random = new SecureRandom();
    EventLog log = new EventLog(records, feed, clock, random);
    return new EventService(registry, log, Courier.start(log, records, trust(home), clock, random));
  }

  /** Tells nobody by itself. */
  static EventService idle(
      Home home, Registry registry, Records records, Feed feed, InstantSource clock) {
    SecureRandom random = new SecureRandom();
    EventLog log = new EventLog(records, feed, clock, random);
    return new EventService(registry, log, Courier.idle(log, records, trust(home), clock, random));
  }

  public Registry registry() {
    return registry;
  }

  public EventLog log() {
    return log;
  }

  public Courier courier() {
    return courier;
  }

  List<Route> routes() {
    return EventRoutes.of(registry, log, courier);
  }

  /** Receivers may have a certificate of this home, besides the usual ones. */
  private static Supplier<SSLSocketFactory> trust(Home home) {
    return () ->
        LocalTls.client(home.tls())
            .map(SSLContext::getSocketFactory)
            .orElseGet(() -> (SSLSocketFactory) SSLSocketFactory.getDefault());
  }

  @Override
  public void close() throws InterruptedException {
    courier.close();
  }
}
