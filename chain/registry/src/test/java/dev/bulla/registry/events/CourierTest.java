package dev.bulla.registry.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.json.Json;
import dev.bulla.keys.KeyAlgorithm;
import dev.bulla.registry.replication.Feed;
import dev.bulla.registry.replication.Replications;
import dev.bulla.registry.replication.Seal;
import dev.bulla.store.Actor;
import dev.bulla.store.Outbox;
import dev.bulla.store.Records;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages to a receiver that answers as it is told. */
class CourierTest {
  private static final Courier.Pace FAST =
      new Courier.Pace(
          Duration.ofMillis(10),
          Duration.ofMillis(10),
          Duration.ofMillis(20),
          Duration.ofMinutes(1),
          Duration.ofMinutes(1));

  @TempDir Path directory;
  private volatile Instant now = Instant.ofEpochSecond(1_800_000_000);
  private final long start = System.nanoTime();
  private final InstantSource clock = () -> now.plusNanos(System.nanoTime() - start);
  private final SecureRandom random = new SecureRandom();
  private Records records;
  private EventLog log;
  private Receiver receiver;

  @BeforeEach
  void open() throws IOException {
    records =
        Records.open(
            directory.resolve("records.db"), List.of(Replications.SCHEMA, EventLog.SCHEMA));
    Feed feed = new Feed(records, new Seal(KeyAlgorithm.ED25519.generate(random)), clock);
    log = new EventLog(records, feed, clock, random);
    receiver = new Receiver();
  }

  @AfterEach
  void close() throws Exception {
    receiver.close();
    records.close();
  }

  @Test
  void eventsArriveInOrderSignedAndAgainUntilTheyAreAcknowledged() throws Exception {
    add("a", "team/*", "registry.*", Optional.empty());
    append("registry.manifest.pushed", "team/app", "one");
    append("registry.manifest.pushed", "other/app", "elsewhere");
    append("access.robot.added", "team/app", "another type");
    append("registry.tag.moved", "team/app", "two");
    receiver.answer(500, 302, 0, 200);

    try (Courier courier = start()) {
      assertThat(receiver.subjects(5)).containsExactly("one", "one", "one", "one", "two");
    }

    Receiver.Message first = receiver.messages().getFirst();
    assertThat(receiver.messages().subList(0, 4))
        .as("the same message each time")
        .allSatisfy(one -> assertThat(one.header("webhook-id")).isEqualTo(id(first)));
    assertThat(first.body().path("authid").asString()).isEqualTo("ci");
    assertThat(first.header("content-type")).isEqualTo("application/cloudevents+json");
    receiver.messages().forEach(this::requireSigned);
    assertThat(log.webhooks().attempts("a").path("deliveries")).hasSize(5);
  }

  @Test
  void whoComesAfterTheOneThatWasKilledGoesOnWhereItWas() throws Exception {
    add("a", "**", "t", Optional.empty());
    add("b", "**", "registry.none", Optional.empty());
    append("t", "", "one");
    receiver.answer(200, 500);
    try (Courier courier = start()) {
      assertThat(receiver.subjects(1)).containsExactly("one");
    }
    append("t", "", "two");
    append("t", "", "three");

    try (Courier courier = start()) {
      assertThat(receiver.subjects(4)).containsExactly("one", "two", "two", "three");
      log.webhooks().resume("a", Optional.of(0L));
      assertThat(receiver.subjects(7).subList(4, 7)).containsExactly("one", "two", "three");
      assertThat(courier.send("a", Optional.empty()).path("delivered").asBoolean()).isTrue();
      assertThat(receiver.messages().getLast().type()).isEqualTo("dev.bulla.registry.webhook.test");
      long second = Long.parseLong(receiver.messages().get(1).body().path("id").asString());
      courier.send("a", Optional.of(second));
      assertThat(receiver.subjects(9).getLast()).isEqualTo("two");
    }
  }

  @Test
  void whatIsBeingSentWhenItEndsIsNotCutOff() throws Exception {
    add("a", "**", "t", Optional.empty());
    append("t", "", "one");
    Courier courier = start();
    Thread end =
        new Thread(() -> {
          try {
            courier.close();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    receiver.beforeAnswer(() -> {
      end.start();
      while (!Set.of(Thread.State.TIMED_WAITING, Thread.State.TERMINATED)
          .contains(end.getState())) {
        Thread.onSpinWait();
      }
      LockSupport.parkNanos(100_000_000); // time for whoever would cut it off
    });

    receiver.subjects(1);
    while (end.getState() != Thread.State.TERMINATED) {
      Thread.sleep(1);
    }

    assertThat(log.webhooks().attempts("a").path("deliveries"))
        .singleElement()
        .satisfies(one -> assertThat(one.path("delivered").asBoolean()).isTrue());
  }

  @Test
  void whoWantsNothingAnyMoreIsGivenUpAndHoldsNothingBack() throws Exception {
    add("gone", "**", "t", Optional.empty());
    append("t", "", "one");
    long last = log.outbox().last();
    log.keeping().set(new EventKeeping.Rule(Duration.ofMinutes(1), 100));
    now = now.plus(Duration.ofDays(8));
    assertThat(log.keeping().trim()).as("before it is sent").isLessThan(last);
    assertThat(log.outbox().find(last)).isPresent();
    receiver.answer(410);

    try (Courier courier = start()) {
      await("dead");
    }

    assertThat(log.outbox().after(last, 10))
        .last()
        .satisfies(event -> assertThat(event.type()).isEqualTo("registry.webhook.dead"));
    now = now.plus(Duration.ofDays(1));
    assertThat(log.keeping().trim()).isPositive();
    assertThat(log.outbox().find(last)).isEmpty();
    assertThat(log.webhooks().resume("gone", Optional.empty()).path("missedUpTo").asLong())
        .isEqualTo(log.outbox().trimmed());
    assertThatThrownBy(() -> log.webhooks().resume("gone", Optional.of(1L)))
        .hasMessageContaining("no longer kept");
  }

  @Test
  void whoDoesNotAnswerForTooLongIsGivenUp() throws Exception {
    add("slow", "**", "t", Optional.empty());
    append("t", "", "one");
    receiver.always(503);

    try (Courier courier = start()) {
      receiver.subjects(1);
      await("failing");
      now = now.plus(Duration.ofDays(8));
      await("dead");
    }
  }

  private Courier start() {
    return Courier.start(
        log, records, () -> (SSLSocketFactory) SSLSocketFactory.getDefault(), FAST, clock, random);
  }

  private void add(String name, String glob, String type, Optional<Long> since) {
    Webhook webhook =
        new Webhook(name, receiver.address(), glob, List.of(type), false, Webhook.GIVE_UP);
    log.webhooks().add(webhook, Optional.empty(), since);
  }

  private void append(String type, String repository, String subject) {
    new Actor("service_account", "ci")
        .call(() ->
            records.write(handle -> {
              Outbox.append(
                  handle,
                  clock.instant(),
                  type,
                  subject,
                  Json.object().put("repository", repository));
              return 0;
            }));
  }

  /** Waits until the first webhook is in a state. */
  private void await(String state) throws InterruptedException {
    String name = log.webhooks().entries().getFirst().webhook().name();
    while (!log.webhooks().describe(name).path("state").asString().equals(state)) {
      Thread.sleep(5);
    }
  }

  private static String id(Receiver.Message message) {
    return message.header("webhook-id");
  }

  private void requireSigned(Receiver.Message message) {
    byte[] signed =
        "%s.%s.%s"
            .formatted(id(message), message.header("webhook-timestamp"), message.text())
            .getBytes(StandardCharsets.UTF_8);
    String signature =
        Arrays.stream(message.header("webhook-signature").split(" "))
            .filter(one -> one.startsWith("v1a,"))
            .findFirst()
            .orElseThrow()
            .substring(4);
    String pem = log.webhooks().key().path("pem").asString().replaceAll("-----[^-]+-----|\n", "");
    try {
      Signature verifier = Signature.getInstance("Ed25519");
      verifier.initVerify(
          KeyFactory.getInstance("Ed25519")
              .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(pem))));
      verifier.update(signed);
      assertThat(verifier.verify(Base64.getDecoder().decode(signature))).isTrue();
    } catch (java.security.GeneralSecurityException e) {
      throw new AssertionError(e);
    }
    assertThat(URI.create(message.body().path("source").asString()).getScheme()).isEqualTo("urn");
  }
}
