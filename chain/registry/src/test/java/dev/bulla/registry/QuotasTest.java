package dev.bulla.registry;

import static dev.bulla.registry.Caller.content;
import static dev.bulla.registry.Caller.digestOf;
import static dev.bulla.registry.Caller.error;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Digest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** What a project may have at most. */
class QuotasTest {
  private static final OptionalLong ANY = OptionalLong.empty();

  @TempDir Path home;

  @Test
  void bytesAreCountedOnceForAProjectAndPushesAtOnceCannotGoBeyondTogether() throws Exception {
    try (TrialServer server = TrialServer.start(home);
        Caller caller = new Caller(server.address());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Quotas quotas = server.registry().quotas();
      Digest shared = caller.push("team/a", content(1_000));
      caller.push("other/a", content(5_000));
      quotas.set("team", new Quota(OptionalLong.of(4_000), ANY, ANY, ANY), "owner");
      List<Future<Integer>> pushes =
          IntStream.range(0, 8)
              .mapToObj(i -> threads.submit(() -> status(caller, "team/r" + i, content(901 + i))))
              .toList();
      int taken = 0;
      for (Future<Integer> push : pushes) {
        taken += push.get() == 201 ? 1 : 0;
      }
      assertThat(taken).as("three of 900 bytes beside the thousand").isEqualTo(3);
      assertThat(mount(caller, "team/b", shared, "team/a")).as("counted once").isEqualTo(201);
      assertThat(mount(caller, "team/b", Digest.sha256(content(5_000)), "other/a")).isEqualTo(403);
      HttpResponse<byte[]> refused = put(caller, "team/c", content(950));
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(error(refused)).isEqualTo("DENIED");
      assertThat(new String(refused.body(), StandardCharsets.UTF_8)).contains("quota-exceeded");
      assertThat(
              server.outbox().allAfter(0, 1_000).stream()
                  .filter(event -> event.type().equals("registry.quota.exceeded")))
          .as("not one for each refusal")
          .singleElement()
          .satisfies(event -> assertThat(event.subject()).isEqualTo("team"))
          .satisfies(event ->
              assertThat(event.payload().path("reason").asString()).contains("a quota of"));
      assertThat(status(caller, "team/a", content(1_000))).as("again what is there").isEqualTo(201);
      assertThat(status(caller, "other/b", content(9_000))).as("another project").isEqualTo(201);

      caller.call("DELETE", "/v2/team/a/blobs/" + shared);
      assertThat(status(caller, "team/c", content(950))).as("linked elsewhere").isEqualTo(403);
      caller.call("DELETE", "/v2/team/b/blobs/" + shared);
      assertThat(status(caller, "team/c", content(950))).isEqualTo(201);
      quotas.recount();
      assertThat(status(caller, "team/c", content(900)))
          .as("counted anew: the same")
          .isEqualTo(403);
    }
  }

  @Test
  void uploadsUnderWayHaveRoomOfTheirOwnAlsoAfterANewStart() throws Exception {
    String kept;
    try (TrialServer server = TrialServer.start(home);
        Caller caller = new Caller(server.address());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      server
          .registry()
          .quotas()
          .set("team", new Quota(OptionalLong.of(10_000), ANY, ANY, ANY), "o");
      List<String> open = IntStream.range(0, 20).mapToObj(i -> caller.begin("team/a")).toList();
      List<Future<Integer>> chunks =
          open.stream().map(at -> threads.submit(() -> patch(caller, at, 1_900))).toList();
      List<String> taken = new ArrayList<>();
      for (int i = 0; i < open.size(); i++) {
        if (chunks.get(i).get() == 202) {
          taken.add(open.get(i));
        }
      }
      assertThat(taken).as("five of 1 900 bytes").hasSize(5);
      assertThat(open)
          .as("the others are gone")
          .allMatch(at -> taken.contains(at) || caller.call("GET", at).statusCode() == 404);
      assertThat(status(caller, "team/b", content(501))).as("no room beside them").isEqualTo(403);
      assertThat(status(caller, "team/b", content(500))).isEqualTo(201);
      caller.call("DELETE", taken.get(0));
      assertThat(status(caller, "team/c", content(1_899))).as("cancelled: free").isEqualTo(201);
      kept = taken.get(1);
    }
    try (TrialServer server = TrialServer.start(home);
        Caller caller = new Caller(server.address())) {
      assertThat(status(caller, "team/d", content(100))).as("after a new start").isEqualTo(403);
      assertThat(caller.call("PUT", kept + "?digest=" + Digest.sha256(content(1_900))).statusCode())
          .isEqualTo(201);
    }
  }

  @Test
  void repositoriesManifestsAndTagsHaveLimits() {
    try (TrialServer server = TrialServer.start(home);
        Caller caller = new Caller(server.address())) {
      ObjectNode first = caller.image("team/a", 1);
      ObjectNode second = caller.image("team/a", 2);
      Quotas quotas = server.registry().quotas();
      OptionalLong one = OptionalLong.of(1);
      quotas.set("team", new Quota(ANY, one, one, OptionalLong.of(2)), "owner");
      assertThat(status(caller, "team/b", content(10))).as("a second repository").isEqualTo(403);
      assertThat(caller.putManifest("team/a", "v1", first).statusCode()).isEqualTo(201);
      assertThat(caller.putManifest("team/a", "v2", first).statusCode()).isEqualTo(201);
      assertThat(caller.putManifest("team/a", "v3", first).statusCode()).as("tags").isEqualTo(403);
      assertThat(caller.putManifest("team/a", "v1", second).statusCode())
          .as("manifests")
          .isEqualTo(403);
      assertThat(caller.call("GET", "/v2/team/a/manifests/" + digestOf(second)).statusCode())
          .as("nothing of what was refused is there")
          .isEqualTo(404);
      assertThat(server.registry().upkeep().usage().projects().getFirst().quota().tags())
          .hasValue(2);
      quotas.set("team", Quota.NONE, "owner");
      assertThat(quotas.all()).isEmpty();
      assertThat(caller.putManifest("team/a", "v3", second).statusCode()).isEqualTo(201);
    }
  }

  private static int patch(Caller caller, String upload, int bytes) {
    return caller.call("PATCH", upload, content(bytes)).statusCode();
  }

  private static int status(Caller caller, String repository, byte[] blob) {
    return put(caller, repository, blob).statusCode();
  }

  private static HttpResponse<byte[]> put(Caller caller, String repository, byte[] blob) {
    return caller.call("PUT", caller.begin(repository) + "?digest=" + Digest.sha256(blob), blob);
  }

  private static int mount(Caller caller, String repository, Digest digest, String from) {
    return caller
        .call("POST", "/v2/%s/blobs/uploads/?mount=%s&from=%s".formatted(repository, digest, from))
        .statusCode();
  }
}
