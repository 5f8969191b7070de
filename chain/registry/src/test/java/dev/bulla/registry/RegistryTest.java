package dev.bulla.registry;

import static dev.bulla.registry.Caller.content;
import static dev.bulla.registry.Caller.digestOf;
import static dev.bulla.registry.Caller.header;
import static dev.bulla.registry.Caller.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.json.Json;
import dev.bulla.store.Event;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** What the registry does beyond the protocol: access, concurrency, restarts, faults. */
class RegistryTest {
  @TempDir Path home;
  private TrialServer server;
  private Caller caller;

  @BeforeEach
  void start() {
    server = TrialServer.start(home);
    caller = new Caller(server.address());
  }

  @AfterEach
  void stop() {
    caller.close();
    server.close();
  }

  @Test
  void aPushMaySayWhatItIsMeantToReplace() {
    ObjectNode first = caller.image("kinds/match", 16);
    ObjectNode second = caller.image("kinds/match", 17);
    String tag = "/v2/kinds/match/manifests/v1";

    assertThat(put(tag, first, "If-Match", "*")).as("nothing is there").isEqualTo(412);
    assertThat(put(tag, first, "If-None-Match", "*")).isEqualTo(201);
    assertThat(put(tag, second, "If-None-Match", "*")).as("no longer").isEqualTo(412);
    String read = header(caller.call("HEAD", tag), "ETag");
    assertThat(put(tag, second, "If-Match", "W/" + read)).as("weak").isEqualTo(412);
    assertThat(put(tag, second, "If-Match", "\"other\", " + read)).isEqualTo(201);
    assertThat(put(tag, first, "If-Match", read)).as("moved meanwhile").isEqualTo(412);
    assertThat(header(caller.call("HEAD", tag), "ETag")).contains(digestOf(second).toString());
    String several = "/v2/kinds/match/manifests/" + digestOf(first) + "?tag=v2&tag=v1";
    assertThat(put(several, first, "If-None-Match", "*")).as("one is there").isEqualTo(412);
    assertThat(caller.call("HEAD", "/v2/kinds/match/manifests/v2").statusCode()).isEqualTo(404);
  }

  private int put(String path, ObjectNode manifest, String name, String value) {
    return caller
        .call(
            "PUT", path, Json.write(manifest), "Content-Type", MediaTypes.OCI_MANIFEST, name, value)
        .statusCode();
  }

  @Test
  void aClosedProjectNeedsTheTokenAndIsNotListed() {
    Digest secret = caller.push("closed/app", content(10));
    caller.push("opened/app", content(11));
    server.registry().projects().setOpen("closed", false);
    String blob = "/v2/closed/app/blobs/" + secret;

    HttpResponse<byte[]> refused = caller.call("GET", blob);
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(header(refused, "WWW-Authenticate")).isEqualTo("Basic realm=\"bulla\"");
    assertThat(Caller.error(refused)).isEqualTo("UNAUTHORIZED");
    for (String path :
        List.of("tags/list", "manifests/v1", "referrers/" + secret, "blobs/uploads/x")) {
      assertThat(caller.call("GET", "/v2/closed/app/" + path).statusCode()).as(path).isEqualTo(401);
    }
    assertThat(caller.call("POST", "/v2/closed/app/blobs/uploads/").statusCode()).isEqualTo(401);
    assertThat(caller.call("DELETE", blob).statusCode()).isEqualTo(401);

    assertThat(caller.call("GET", blob, "Authorization", bearer()).statusCode()).isEqualTo(200);
    assertThat(caller.call("GET", blob, "Authorization", basic()).statusCode()).isEqualTo(200);
    assertThat(caller.call("GET", "/v2/", "Authorization", "Bearer wrong").statusCode())
        .isEqualTo(401);
    assertThat(json(caller.call("GET", "/v2/_catalog")).get("repositories").toString())
        .isEqualTo("[\"opened/app\"]");
    assertThat(
            json(caller.call("GET", "/v2/_catalog", "Authorization", bearer())).get("repositories"))
        .hasSize(2);
  }

  @Test
  void aMountDoesNotLeadAroundAClosedProject() {
    Digest secret = caller.push("closed/app", content(10));
    server.registry().projects().setOpen("closed", false);
    String path = "/v2/opened/app/blobs/uploads/?mount=" + secret;

    assertThat(caller.call("POST", path + "&from=closed/app").statusCode()).isEqualTo(202);
    assertThat(caller.call("POST", path).statusCode()).isEqualTo(202);
    assertThat(caller.call("HEAD", "/v2/opened/app/blobs/" + secret).statusCode()).isEqualTo(404);
    assertThat(caller.call("POST", path, "Authorization", bearer()).statusCode()).isEqualTo(201);
  }

  @Test
  void sixtyFourPushesOfOneBlobAllSucceed() throws Exception {
    byte[] content = content(40_000);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Digest>> pushes =
          IntStream.range(0, 64)
              .mapToObj(i -> threads.submit(() -> caller.push("many/p" + i % 8, content)))
              .toList();
      for (Future<Digest> push : pushes) {
        assertThat(push.get()).isEqualTo(Digest.sha256(content));
      }
    }

    assertThat(caller.call("GET", "/v2/many/p7/blobs/" + Digest.sha256(content)).body())
        .isEqualTo(content);
    assertThat(server.blobs().uploads()).isEmpty();
    assertThat(server.blobs().list()).hasSize(1);
  }

  @Test
  void anUploadGoesOnAfterARestart() {
    byte[] content = content(50_000);
    String location = caller.begin("restart/app");
    caller.call("PATCH", location, Arrays.copyOf(content, 20_000), "Content-Range", "0-19999");

    restart();
    HttpResponse<byte[]> state = caller.call("GET", location);
    assertThat(header(state, "Range")).isEqualTo("0-19999");
    byte[] rest = Arrays.copyOfRange(content, 20_000, 50_000);
    String close = header(state, "Location") + "?digest=" + Digest.sha256(content);
    assertThat(caller.call("PUT", close, rest, "Content-Range", "20000-49999").statusCode())
        .isEqualTo(201);

    assertThat(caller.call("GET", "/v2/restart/app/blobs/" + Digest.sha256(content)).body())
        .isEqualTo(content);
  }

  @Test
  void everythingIsThereAfterARestart() {
    ObjectNode image = caller.image("restart/app", 1);
    caller.putManifest("restart/app", "v1", image);
    server.registry().projects().setOpen("shut", false);

    restart();

    assertThat(header(caller.call("HEAD", "/v2/restart/app/manifests/v1"), "Docker-Content-Digest"))
        .isEqualTo(digestOf(image).toString());
    assertThat(server.registry().projects().isOpen("shut/x")).isFalse();
  }

  @Test
  void changesAreEventsInTheirOrder() {
    ObjectNode image = caller.image("events/app", 2);
    String digest = digestOf(image).toString();
    caller.putManifest("events/app", "v1", image);
    caller.putManifest("events/app", "v2", image);
    caller.call("DELETE", "/v2/events/app/manifests/v1");
    caller.call("DELETE", "/v2/events/app/manifests/" + digest);

    List<Event> events = server.outbox().after(0, 100);

    assertThat(events)
        .extracting(Event::type)
        .containsExactly(
            "registry.manifest.pushed",
            "registry.tag.moved",
            "registry.tag.moved",
            "registry.tag.deleted",
            "registry.manifest.deleted");
    assertThat(events).extracting(Event::subject).containsOnly(digest);
    assertThat(events.get(1).payload().toString())
        .isEqualTo("{\"repository\":\"events/app\",\"tag\":\"v1\"}");
  }

  @Test
  void aBlobWhoseFileIsCutIsNotServed() throws IOException {
    Digest digest = caller.push("cut/app", content(1_000));
    TrialStores.overwrite(home, digest, content(10));

    HttpResponse<byte[]> got = caller.call("GET", "/v2/cut/app/blobs/" + digest);

    assertThat(got.statusCode()).isEqualTo(500);
    assertThat(new String(got.body(), StandardCharsets.UTF_8)).contains("store-corrupt");
    caller.push("cut/app", content(1_000));
    assertThat(caller.call("GET", "/v2/cut/app/blobs/" + digest).body()).isEqualTo(content(1_000));
  }

  @Test
  void aFullDatabaseRefusesThePushAndKeepsTheRest() {
    Assumptions.assumeFalse(TrialStores.isShared(), "fills a SQLite file");
    ObjectNode image = caller.image("full/app", 3);
    caller.putManifest("full/app", "v1", image);
    int pages =
        server.records().write(h -> h.select("PRAGMA page_count").mapTo(Integer.class).one());
    server
        .records()
        .write(h -> h.select("PRAGMA max_page_count = " + pages).mapTo(Integer.class).one());
    ObjectNode large = image.deepCopy();
    large.putObject("annotations").put("a", "x".repeat(1_000_000));

    HttpResponse<byte[]> refused = caller.putManifest("full/app", "v2", large);

    assertThat(refused.statusCode()).isEqualTo(507);
    assertThat(new String(refused.body(), StandardCharsets.UTF_8))
        .contains("disk-full", "Free some space");
    assertThat(caller.call("GET", "/v2/full/app/manifests/v2").statusCode()).isEqualTo(404);
    assertThat(caller.call("GET", "/v2/full/app/manifests/v1").statusCode()).isEqualTo(200);
    server
        .records()
        .write(h -> h.select("PRAGMA max_page_count = 1000000").mapTo(Integer.class).one());
    assertThat(caller.putManifest("full/app", "v2", large).statusCode()).isEqualTo(201);
  }

  @Test
  void aSecondServerOnTheSameHomeIsRefused() {
    assertThatThrownBy(() -> TrialServer.start(home))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.HOME_LOCKED);
              assertThat(e.reason()).contains(server.address().toString());
            });
    assertThat(caller.call("GET", "/v2/").statusCode()).isEqualTo(200);
  }

  private void restart() {
    server.close();
    caller.close();
    start();
  }

  private String bearer() {
    return "Bearer " + server.token().reveal();
  }

  private String basic() {
    byte[] pair = ("any:" + server.token().reveal()).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }
}
