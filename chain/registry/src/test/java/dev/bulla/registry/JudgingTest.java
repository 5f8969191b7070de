package dev.bulla.registry;

import static dev.bulla.registry.Caller.digestOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Digest;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.json.Json;
import dev.bulla.registry.ImageJudge.Clause;
import dev.bulla.registry.ImageJudge.Judgement;
import dev.bulla.store.Event;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** When manifests are judged: not once for every push of a flood, and not only when asked for. */
class JudgingTest {
  private static final String APP = "team/app";
  private static final String BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
  private static final Clause CLAUSE = new Clause("signatures", "nobody has signed");

  @TempDir Path home;
  private TrialServer server;
  private Caller caller;
  private final AtomicInteger judged = new AtomicInteger();
  private final AtomicBoolean accepts = new AtomicBoolean();
  private volatile CountDownLatch gate = new CountDownLatch(0);
  private final CountDownLatch entered = new CountDownLatch(1);

  @BeforeEach
  void start() {
    server = TrialServer.start(home);
    caller = new Caller(server.address());
    server.registry().trust().judgeBy((binding, repository, subject, tag) -> judgement());
    server
        .registry()
        .trust()
        .bind(
            new Binding(
                "team/*",
                Binding.Mode.ENFORCE,
                Binding.UnsignedPush.PEND,
                false,
                "localhost",
                "rules".getBytes(StandardCharsets.UTF_8)));
  }

  @AfterEach
  void stop() {
    caller.close();
    server.close();
  }

  /** An answer in favour ends at once. */
  private Judgement judgement() {
    judged.incrementAndGet();
    if (gate.getCount() > 0) {
      entered.countDown();
      try {
        gate.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    return accepts.get()
        ? new Judgement(true, List.of(), List.of(), "", false, Optional.of(Instant.EPOCH))
        : new Judgement(false, List.of(CLAUSE), List.of(), CLAUSE.missing(), false);
  }

  @Test
  void whatIsPushedWhileAnImageIsJudgedIsJudgedTogetherAndReadersDoNotWaitForTheirTurn()
      throws InterruptedException {
    ObjectNode image = caller.image(APP, 1);
    caller.putManifest(APP, "v1", image);
    judged.set(0);
    gate = new CountDownLatch(1);
    Thread first = Thread.ofVirtual().start(() -> evidence(image, 0));
    entered.await();
    for (int i = 1; i <= 20; i++) {
      evidence(image, i);
    }
    assertThat(judged.get()).as("one at a time").isEqualTo(1);

    accepts.set(true);
    gate.countDown();
    assertThat(pull("v1")).as("by a tag that waits").isEqualTo(200);
    first.join();
    assertThat(judged.get()).isLessThan(10);
  }

  @Test
  void whatEndsByItselfIsNoticedBeforeSomebodyAsks() {
    ObjectNode image = caller.image(APP, 1);
    accepts.set(true);
    caller.putManifest(APP, "v1", image);
    accepts.set(false);

    assertThat(server.registry().trust().sweep(10)).isEqualTo(1);
    assertThat(events()).endsWith("registry.trust.revoked");
    assertThat(server.registry().trust().sweep(10)).as("it has ended").isZero();

    server.registry().trust().doubt(APP, digestOf(image));
    accepts.set(true);
    assertThat(server.registry().trust().sweep(10)).as("what waits").isEqualTo(1);
    assertThat(events()).endsWith("registry.trust.admitted");
    server.registry().trust().unbind("team/*");
    assertThat(server.registry().trust().sweep(10)).as("nothing decides").isZero();
  }

  private List<String> events() {
    return server.outbox().after(0, 1_000).stream()
        .map(Event::type)
        .filter(type -> type.startsWith("registry.trust."))
        .toList();
  }

  private int pull(String tag) {
    return caller.call("GET", "/v2/team/app/manifests/" + tag).statusCode();
  }

  private void evidence(ObjectNode subject, int number) {
    byte[] empty = "{}".getBytes(StandardCharsets.UTF_8);
    caller.push(APP, empty);
    ObjectNode manifest =
        Json.object()
            .put("schemaVersion", 2)
            .put("mediaType", MediaTypes.OCI_MANIFEST)
            .put("artifactType", BUNDLE);
    manifest.set("config", Caller.descriptor(MediaTypes.OCI_EMPTY, empty));
    manifest.putArray("layers").add(Caller.descriptor(BUNDLE, empty));
    manifest.set("subject", Caller.descriptor(subject));
    manifest.putObject("annotations").put("n", Integer.toString(number));
    Digest digest = digestOf(manifest);
    assertThat(caller.putManifest(APP, digest.toString(), manifest).statusCode()).isEqualTo(201);
  }
}
