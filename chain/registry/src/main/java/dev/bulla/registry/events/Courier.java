package dev.bulla.registry.events;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.registry.events.Webhooks.Entry;
import dev.bulla.store.Actor;
import dev.bulla.store.Event;
import dev.bulla.store.Leases;
import dev.bulla.store.Records;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLSocketFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Tells webhooks what happened, for as long as it is open.
 *
 * <p><b>At least once, in order.</b> One thread for each webhook sends it its events one after the
 * other and remembers in the records how far it got, after the receiver has acknowledged. What was
 * sent and not remembered is sent again, with the same id. An event that does not get through holds
 * up those behind it: it is tried again, at growing intervals with jitter, until the webhook is
 * given up.
 *
 * <p><b>One server at a time.</b> Of several servers over the same records one holds the lease; if
 * it dies another takes over. In the moment between, both may send the same event.
 */
public final class Courier implements AutoCloseable {
  private static final String LEASE = "registry.webhooks";
  private static final Duration LENGTH = Duration.ofSeconds(30);
  private static final Duration FIRST_TRIM = Duration.ofMinutes(5);
  private static final Duration TRIM = Duration.ofHours(1);
  private static final int LOT = 200;

  /** What the records may take besides. */
  private static final Duration MARGIN = Duration.ofSeconds(4);

  private static final System.Logger LOG = System.getLogger("bulla.registry");

  /**
   * How fast things go.
   *
   * @param look how often is looked whether there is something to send
   * @param first the pause after the first failure; it doubles with each
   * @param longest the longest pause
   * @param answer how long a receiver may take
   * @param last how long it may still take when this ends; then the message is broken off
   */
  record Pace(Duration look, Duration first, Duration longest, Duration answer, Duration last) {
    static final Pace STANDARD =
        new Pace(
            Duration.ofMillis(300),
            Duration.ofSeconds(2),
            Duration.ofHours(1),
            Duration.ofSeconds(15),
            Duration.ofSeconds(2));

    /** Between half of it and the whole, at random. */
    Duration pause(long attempts, RandomGenerator random) {
      long whole =
          Math.min(longest.toMillis(), first.toMillis() << Math.min(Math.max(attempts, 0), 30));
      return Duration.ofMillis(whole / 2 + random.nextLong(whole / 2 + 1));
    }
  }

  private final EventLog log;
  private final Webhooks webhooks;
  private final Leases leases;
  private final InstantSource clock;
  private final SecureRandom random;
  private final Pace pace;
  private final WebhookPost post;
  private final Map<Entry, Service> services = new HashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread main;
  private volatile long heldUntil;
  private Instant trimNext = Instant.MAX;

  private Courier(
      EventLog log,
      Records records,
      Supplier<SSLSocketFactory> tls,
      Pace pace,
      InstantSource clock,
      SecureRandom random) {
    this.log = log;
    this.webhooks = log.webhooks();
    this.leases = new Leases(records, clock, random);
    this.clock = clock;
    this.random = random;
    this.pace = pace;
    this.post = new WebhookPost(tls, pace.answer());
    this.main = Thread.ofVirtual().name("webhooks").unstarted(this::run);
    if (!records.isShared()) {
      leases.end(LEASE); // whoever held it is dead
    }
  }

  /** One that sends nothing by itself. */
  public static Courier idle(
      EventLog log,
      Records records,
      Supplier<SSLSocketFactory> tls,
      InstantSource clock,
      SecureRandom random) {
    return new Courier(log, records, tls, Pace.STANDARD, clock, random);
  }

  /**
   * @param tls what is believed of receivers; asked for when it is needed first
   */
  public static Courier start(
      EventLog log,
      Records records,
      Supplier<SSLSocketFactory> tls,
      InstantSource clock,
      SecureRandom random) {
    return start(log, records, tls, Pace.STANDARD, clock, random);
  }

  static Courier start(
      EventLog log,
      Records records,
      Supplier<SSLSocketFactory> tls,
      Pace pace,
      InstantSource clock,
      SecureRandom random) {
    Courier courier = new Courier(log, records, tls, pace, clock, random);
    courier.main.start();
    return courier;
  }

  /**
   * Sends one event to a webhook now, whatever its state, and remembers only the attempt.
   *
   * @param sequence of the event; empty for a trial that is about nothing
   */
  public ObjectNode send(String name, Optional<Long> sequence) {
    Entry entry = webhooks.get(name);
    Event event =
        sequence
            .map(n ->
                log.outbox()
                    .find(n)
                    .orElseThrow(() ->
                        new BullaException(
                            ErrorCode.ROUTE_NOT_FOUND,
                            "there is no event " + n + ", or it is no longer kept")))
            .orElseGet(() ->
                new Event(
                    0,
                    clock.instant(),
                    "registry.webhook.test",
                    name,
                    Json.object(),
                    Actor.current()));
    Attempt attempt = attempt(entry, event);
    webhooks.note(name, attempt);
    return attempt.toJson();
  }

  private void run() {
    trimNext = clock.instant().plus(FIRST_TRIM);
    try {
      Duration pause = Duration.ZERO;
      while (!ended(closed, pause)) {
        try {
          trimIfDue();
          if (!webhooks.entries().isEmpty()) {
            work();
          }
        } catch (BullaException e) {
          LOG.log(System.Logger.Level.WARNING, "webhooks: " + e.reason());
        }
        pause = pace.look().multipliedBy(4);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void trimIfDue() {
    if (clock.instant().isAfter(trimNext)) {
      trimNext = clock.instant().plus(TRIM);
      log.keeping().trim();
    }
  }

  /** Until the lease is lost, or nobody is to be told any more. */
  private void work() throws InterruptedException {
    Optional<Leases.Lease> taken = leases.take(LEASE, LENGTH);
    if (taken.isEmpty()) {
      return;
    }
    try (Leases.Lease lease = taken.get()) {
      long renewed = System.nanoTime();
      heldUntil = renewed + LENGTH.toNanos();
      Duration pause = Duration.ZERO;
      while (!webhooks.entries().isEmpty() && !ended(closed, pause)) {
        long now = System.nanoTime();
        if (now - renewed > LENGTH.toNanos() / 3) {
          if (!lease.renew()) {
            return;
          }
          renewed = now;
          heldUntil = now + LENGTH.toNanos();
        }
        employ();
        trimIfDue();
        pause = pace.look();
      }
    } finally {
      heldUntil = System.nanoTime();
      dismiss();
    }
  }

  /** A thread for each webhook, and none for what is not one any more. */
  private void employ() {
    List<Entry> wanted = webhooks.entries();
    services.forEach((entry, service) -> {
      if (!wanted.contains(entry)) {
        service.end.countDown();
      }
    });
    services.values().removeIf(service -> !service.thread.isAlive());
    for (Entry entry : wanted) {
      services.computeIfAbsent(entry, Service::new);
    }
  }

  /**
   * Ends them all, each after what it is sending: that has a deadline, and a short one when the
   * courier ends, since a receiver that does not answer must not hold up the end of a server.
   */
  private void dismiss() throws InterruptedException {
    services.values().forEach(service -> service.end.countDown());
    boolean last = closed.getCount() == 0;
    long until = System.nanoTime() + pace.last().toNanos();
    for (Service service : services.values()) {
      if (!last) {
        service.thread.join();
      } else if (!service.thread.join(Duration.ofNanos(Math.max(1, until - System.nanoTime())))) {
        service.thread.interrupt();
        service.thread.join(MARGIN.dividedBy(2));
      }
    }
    services.clear();
  }

  /** Whether the end has come; waits for it as long as the pause. */
  private static boolean ended(CountDownLatch end, Duration pause) throws InterruptedException {
    return end.await(pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * The thread of one webhook. It is told to end, not interrupted: that would cut a message off.
   */
  private final class Service {
    private final CountDownLatch end = new CountDownLatch(1);
    private final Thread thread;

    Service(Entry entry) {
      this.thread =
          Thread.ofVirtual()
              .name("webhook-" + entry.webhook().name())
              .start(() -> serve(entry, end));
    }
  }

  private void serve(Entry entry, CountDownLatch end) {
    try {
      Duration pause = Duration.ZERO;
      while (!ended(end, pause) && System.nanoTime() - heldUntil < 0) {
        pause = step(entry) ? Duration.ZERO : pace.look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (BullaException e) {
      // the records fail; a new thread begins at once when they are back
      LOG.log(System.Logger.Level.WARNING, entry.webhook().name() + ": " + e.reason());
    }
  }

  /** False if there is nothing to do now. */
  private boolean step(Entry entry) {
    Optional<WebhookState> state = webhooks.state(entry.webhook().name());
    if (state.isEmpty() || state.get().dead() || state.get().retry() > clock.millis()) {
      return false;
    }
    long from = state.get().sequence();
    List<Event> events = log.outbox().allAfter(from, LOT);
    Optional<Event> next = events.stream().filter(entry.webhook()::wants).findFirst();
    if (next.isEmpty()) {
      if (!events.isEmpty()) {
        webhooks.pass(entry, from, events.getLast().sequence());
      }
      return events.size() == LOT;
    }
    Attempt attempt = attempt(entry, next.get());
    Duration pause = pace.pause(state.get().attempts(), random);
    if (pause.compareTo(attempt.pause()) < 0) {
      pause = attempt.pause();
    }
    webhooks.tried(entry, from, attempt, pause);
    return attempt.delivered();
  }

  private Attempt attempt(Entry entry, Event event) {
    Webhook webhook = entry.webhook();
    Instant begun = clock.instant();
    long start = System.nanoTime();
    int status = 0;
    String said;
    Duration pause = Duration.ZERO;
    try {
      ObjectNode described = log.describe(event);
      byte[] body = Json.write(described);
      String id =
          event.sequence() == 0
              ? "test-" + begun.toEpochMilli()
              : described.path("source").asString("").replace("urn:uuid:", "")
                  + "-"
                  + event.sequence();
      Map<String, String> headers = new LinkedHashMap<>();
      headers.put("Content-Type", "application/cloudevents+json");
      headers.put("User-Agent", "bulla-registry");
      headers.putAll(
          WebhookSignatures.headers(webhooks.signingKey(), entry.secret(), id, begun, body));
      AnswerHead answer =
          post.send(
              webhook.url(),
              TargetAddress.check(webhook.url(), webhook.allowPrivate()),
              headers,
              body);
      status = answer.status();
      pause = answer.pause();
      said = status < 300 ? "delivered" : "the receiver answered " + status;
    } catch (IOException e) {
      said = String.valueOf(e.getMessage());
    } catch (BullaException e) {
      said = e.reason();
    }
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    return new Attempt(event.sequence(), event.type(), begun, took, status, said, pause);
  }

  /**
   * Begins nothing new and waits until what is being sent has been answered, or its time is over,
   * and that has been remembered: the records are closed next. What was broken off is sent again,
   * with the same id, by whoever is next.
   */
  @Override
  public void close() throws InterruptedException {
    closed.countDown();
    main.join(pace.last().plus(MARGIN).toMillis());
  }
}
