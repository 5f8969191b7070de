package dev.bulla.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import dev.bulla.store.StoreLocations;
import dev.bulla.testkit.PostgresServer;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/**
 * Two servers over one database and one directory of blobs; {@code
 * -Dbulla.test.records=postgresql}.
 */
class ReplicasIT {
  private static final String APP = "team/app";
  private static final long SECONDS = Long.getLong("bulla.seconds", 4);

  @TempDir Path directory;
  private TrialServer a;
  private TrialServer b;
  private Caller atA;
  private Caller atB;

  @BeforeEach
  void start() {
    Assumptions.assumeTrue(
        TrialStores.isShared(),
        "needs records that can be shared: -Dbulla.test.records=postgresql");
    StoreLocations stores =
        new StoreLocations(
            Optional.of(PostgresServer.shared().newSchema()),
            Optional.of(directory.resolve("blobs").toString()));
    a = TrialServer.start(directory.resolve("a"), stores);
    b = TrialServer.start(directory.resolve("b"), stores);
    atA = new Caller(a.address());
    atB = new Caller(b.address());
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : new AutoCloseable[] {atA, atB, a, b}) {
      if (one != null) {
        one.close();
      }
    }
  }

  @Test
  void whatOneAcknowledgesTheOtherShowsAtOnce() {
    for (int i = 0; i < 20; i++) {
      Caller one = i % 2 == 0 ? atA : atB;
      Caller other = i % 2 == 0 ? atB : atA;
      ObjectNode image = pushed(one, 10 + i);
      assertThat(one.putManifest(APP, "v", image).statusCode()).isEqualTo(201);
      assertThat(other.call("GET", "/v2/" + APP + "/manifests/v").body())
          .isEqualTo(Json.write(image));
      assertThat(one.call("GET", "/v2/" + APP + "/manifests/v").body())
          .isEqualTo(Json.write(image));
    }
    assertThat(atA.call("DELETE", "/v2/" + APP + "/manifests/v").statusCode()).isEqualTo(202);
    assertThat(atB.call("GET", "/v2/" + APP + "/manifests/v").statusCode()).isEqualTo(404);
    a.registry().projects().setOpen("team", false);
    assertThat(atB.call("GET", "/v2/" + APP + "/tags/list").statusCode()).isEqualTo(401);
  }

  @Test
  void collectionAtBothTakesNothingThatWasAcknowledged() throws Exception {
    Map<String, byte[]> live = new ConcurrentHashMap<>();
    AtomicBoolean over = new AtomicBoolean();
    List<Future<?>> running = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 6; i++) {
        int number = i;
        running.add(threads.submit(() -> pushAndDelete(number, live, over)));
      }
      for (TrialServer server : List.of(a, b)) {
        running.add(threads.submit(() -> collect(server, over)));
      }
      Thread.sleep(Duration.ofSeconds(SECONDS));
      over.set(true);
      for (Future<?> one : running) {
        one.get();
      }
    }
    assertThat(live).isNotEmpty();
    for (Map.Entry<String, byte[]> one : live.entrySet()) {
      byte[] manifest = atA.call("GET", "/v2/" + APP + "/manifests/" + one.getKey()).body();
      assertThat(manifest).isEqualTo(one.getValue());
      Json.parseObject(manifest, "manifest")
          .get("layers")
          .forEach(layer -> {
            Digest digest = Digest.parse(layer.get("digest").stringValue());
            HttpResponse<byte[]> got = atB.call("GET", "/v2/" + APP + "/blobs/" + digest);
            assertThat(digest.matches(got.body())).as(one.getKey() + " " + digest).isTrue();
          });
    }
    b.records().write(handle -> handle.execute("DELETE FROM lease"));
    CheckReport report =
        b.registry().upkeep().check(CheckRules.STANDARD, RepairSource.NONE, Progress.UNHEARD);
    assertThat(report.findings())
        .extracting(CheckFinding::kind)
        .allMatch(kind -> kind == CheckFinding.Kind.STRAY_FILE);
  }

  /** Few contents, so that what one pushes another has just deleted, and a third is collecting. */
  private void pushAndDelete(int number, Map<String, byte[]> live, AtomicBoolean over) {
    Random random = new Random(number);
    while (!over.get()) {
      Caller caller = random.nextBoolean() ? atA : atB;
      String tag = "t" + number + "-" + random.nextInt(4);
      ObjectNode image = pushed(caller, 10 + random.nextInt(6));
      image.putObject("annotations").put("of", tag); // a manifest of one's own with shared parts
      live.remove(tag);
      if (caller.putManifest(APP, tag, image).statusCode() == 201) {
        live.put(tag, Json.write(image));
        if (random.nextInt(3) == 0) {
          live.remove(tag);
          caller.call("DELETE", "/v2/" + APP + "/manifests/" + Caller.digestOf(image));
        }
      }
    }
  }

  private static void collect(TrialServer server, AtomicBoolean over) {
    while (!over.get()) {
      Collector collector =
          server.registry().upkeep().collector(CollectionRules.STANDARD.withoutGrace());
      collector.deleted();
      collector.links();
      collector.blobs();
      collector.strays();
    }
  }

  private static ObjectNode pushed(Caller caller, int length) {
    return caller.image(APP, length);
  }
}
