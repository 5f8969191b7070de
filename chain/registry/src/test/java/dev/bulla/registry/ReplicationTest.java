package dev.bulla.registry;

import static dev.bulla.registry.Caller.digestOf;
import static dev.bulla.registry.Caller.error;
import static dev.bulla.registry.Caller.header;
import static dev.bulla.registry.Caller.json;
import static dev.bulla.registry.TrialRegion.sign;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.registry.replication.CacheEviction;
import dev.bulla.registry.replication.CacheProject;
import dev.bulla.registry.replication.Glob;
import dev.bulla.registry.replication.PassReport;
import dev.bulla.registry.replication.ReceiptFile;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A repository with its home in one region and a copy in another. */
class ReplicationTest {
  private static final String APP = "team/app";

  @TempDir Path homes;
  private TrialRegion east;
  private TrialRegion west;
  private Caller home;
  private Caller copy;

  @BeforeEach
  void start() {
    east = new TrialRegion("east", homes.resolve("east"));
    west = new TrialRegion("west", homes.resolve("west"));
    home = new Caller(east.address());
    copy = new Caller(west.address());
  }

  @AfterEach
  void stop() {
    home.close();
    copy.close();
    west.close();
    east.close();
  }

  @Test
  void theCopyShowsWhatItsOwnPolicyAcceptsAndTheSourceIsToldWhy() {
    west.bind("team/*", "alice");
    ObjectNode signed = home.image(APP, 1);
    ObjectNode other = home.image(APP, 2);
    ObjectNode unsigned = home.image(APP, 3);
    home.putManifest(APP, "signed", signed);
    home.putManifest(APP, "other", other);
    home.putManifest(APP, "unsigned", unsigned);
    sign(home, APP, signed, "alice");
    sign(home, APP, other, "mallory");

    PassReport report = west.pull(east, "team/*");
    assertThat(report.complete()).as(report.toJson().toString()).isTrue();
    assertThat(report.repositories().getFirst().refused()).hasSize(2);
    assertThat(get("signed").statusCode()).isEqualTo(200);
    assertThat(get("other").statusCode()).isEqualTo(403);
    assertThat(get("unsigned").statusCode()).isEqualTo(403);
    assertThat(get(digestOf(unsigned).toString()).statusCode()).isEqualTo(403);

    assertThat(standing(signed).path("verdict").asString()).isEqualTo("admitted");
    assertThat(standing(other).path("verdict").asString()).isEqualTo("refused");
    assertThat(standing(other).path("reason").asString()).contains("none of alice has signed");
    assertThat(standing(other).path("region").asString()).isEqualTo("west");
    assertThat(standing(other).path("behind").asLong()).isZero();
    assertThat(receiptsOf(signed)).hasSize(1);

    sign(home, APP, other, "alice");
    assertThat(standing(other).path("behind").asLong()).isEqualTo(1);
    west.pull(east, "team/*");
    assertThat(get("other").statusCode()).isEqualTo(200);
    assertThat(standing(other).path("verdict").asString()).isEqualTo("admitted");

    west.bind("team/*", "bob");
    west.pull(east, "team/*");
    assertThat(get("signed").statusCode()).isEqualTo(403);
    assertThat(standing(signed).path("reason").asString()).contains("REVOKED", "none of bob");
  }

  /** Two that copy from each other would leave it without a home. */
  @Test
  void theHomeDoesNotCopyWhatIsACopyOfItsOwn() {
    home.putManifest(APP, "first", home.image(APP, 1));
    copy.putManifest("west/app", "own", copy.image("west/app", 1));
    assertThat(west.pull(east, "team/*").complete()).isTrue();

    assertThatThrownBy(() -> east.pull(west, "**"))
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIGURATION_INVALID))
        .hasMessageContaining("copies team/app from this registry");
    assertThat(east.replications.all()).isEmpty();
    home.putManifest(APP, "second", home.image(APP, 2));

    assertThat(east.pull(west, "west/*").complete()).isTrue();
    assertThatThrownBy(() -> west.pull(east, "west/*"))
        .hasMessageContaining("copies west/app from this registry");
  }

  @Test
  void anIndexComesWithItsPartsAndEvidenceAndWhatIsDeletedGoes() {
    ObjectNode child = home.image(APP, 1);
    ObjectNode index = Caller.index(child);
    home.putManifest(APP, digestOf(child).toString(), child);
    home.putManifest(APP, "multi", index);
    Digest evidence = sign(home, APP, child, "alice");
    ObjectNode moved = home.image(APP, 2);

    assertThat(west.pull(east, "team/**").complete()).isTrue();
    assertThat(get("multi").body()).isEqualTo(home.call("GET", path("multi")).body());
    assertThat(
            json(copy.call("GET", "/v2/team/app/referrers/" + digestOf(child))).path("manifests"))
        .hasSize(1);
    assertThat(west.pull(east, "team/**").repositories().getFirst().taken())
        .as("what is here is not fetched again")
        .isZero();

    home.putManifest(APP, "multi", moved);
    home.call("DELETE", path(evidence.toString()));
    PassReport report = west.pull(east, "team/**");
    assertThat(report.repositories().getFirst().removed()).isEqualTo(1);
    assertThat(header(get("multi"), "Docker-Content-Digest")).isEqualTo(digestOf(moved).toString());
    assertThat(get(evidence.toString()).statusCode()).isEqualTo(404);
    home.call("DELETE", path("multi"));
    west.pull(east, "team/**");
    assertThat(get("multi").statusCode()).isEqualTo(404);
    assertThat(get(digestOf(moved).toString()).statusCode()).isEqualTo(200);
  }

  @Test
  void aTagGoesWithTheImageToWhichItWasMovedUnseen() {
    ObjectNode moved = home.image(APP, 2);
    home.putManifest(APP, "v1", home.image(APP, 1));
    home.putManifest(APP, "v2", home.image(APP, 1));
    west.pull(east, "team/*");
    home.putManifest(APP, "v1", moved);
    home.call("DELETE", path(digestOf(moved).toString()));

    assertThat(west.pull(east, "team/*").complete()).isTrue();
    assertThat(get("v1").statusCode()).isEqualTo(404);
    assertThat(get("v2").statusCode()).isEqualTo(200);
  }

  @Test
  void aFeedWhoseEventsWereForgottenGoesOnWithWhatIsThere() {
    ObjectNode first = home.image(APP, 1);
    ObjectNode second = home.image(APP, 2);
    home.putManifest(APP, "v1", first);
    home.putManifest(APP, "moved", first);
    home.putManifest(APP, "gone", second);
    west.pull(east, "team/*");

    ObjectNode third = home.image(APP, 3);
    home.putManifest(APP, "moved", third);
    home.putManifest(APP, "new", third);
    Digest evidence = sign(home, APP, third, "alice");
    home.call("DELETE", path(digestOf(second).toString()));
    home.call("DELETE", path("v1"));
    assertThat(east.outbox().trim(Long.MAX_VALUE, Instant.now().plusSeconds(60), 100_000))
        .isPositive();
    ObjectNode fourth = home.image(APP, 4);
    home.putManifest(APP, "after", fourth);

    PassReport report = west.pull(east, "team/*");
    assertThat(report.complete()).as(report.toJson().toString()).isTrue();
    assertThat(json(copy.call("GET", "/v2/team/app/tags/list")).path("tags"))
        .extracting(JsonNode::asString)
        .containsExactly("after", "moved", "new");
    assertThat(get("moved").body()).isEqualTo(home.call("GET", path("moved")).body());
    assertThat(get(evidence.toString()).statusCode()).isEqualTo(200);
    assertThat(get(digestOf(second).toString()).statusCode()).isEqualTo(404);
    assertThat(west.pull(east, "team/*").repositories().getFirst().taken()).isZero();
  }

  @Test
  void aCopyIsWrittenByNobodyElseUntilTheReplicationEnds() {
    home.putManifest(APP, "v1", home.image(APP, 1));
    west.pull(east, "team/*");
    HttpResponse<byte[]> push = copy.call("POST", "/v2/team/app/blobs/uploads/");
    assertThat(push.statusCode()).isEqualTo(403);
    assertThat(error(push)).isEqualTo("DENIED");
    assertThat(new String(push.body(), StandardCharsets.UTF_8))
        .contains("repository-elsewhere", east.address().getAuthority());
    assertThat(copy.call("DELETE", path("v1"), west.owner()).statusCode()).isEqualTo(403);
    assertThat(copy.call("POST", "/v2/other/app/blobs/uploads/").statusCode()).isEqualTo(202);

    assertThat(west.replications.end("team/*")).isTrue();
    assertThat(copy.call("POST", "/v2/team/app/blobs/uploads/").statusCode()).isEqualTo(202);
    assertThat(get("v1").statusCode()).as("what was brought stays").isEqualTo(200);
  }

  /** An address that was mistyped would keep everybody from pushing. */
  @Test
  void whatNothingEverCameOfIsNotKept() {
    assertThatThrownBy(() -> west.pull(URI.create("http://127.0.0.1:1"), "team/*", ""))
        .hasMessageContaining("is not kept");
    assertThat(west.replications.all()).isEmpty();

    home.putManifest(APP, "first", home.image(APP, 1));
    west.pull(east, "team/*");
    east.close();
    assertThatThrownBy(() -> west.pull(east, "team/*")).hasMessageNotContaining("is not kept");
    assertThat(west.replications.all()).hasSize(1);
  }

  @Test
  void aRegistryWithoutFeedsIsWalked() {
    ObjectNode image = home.image(APP, 1);
    home.putManifest(APP, "v1", image);
    Digest evidence = sign(home, APP, image, "alice");
    try (TrialServer plain = TrialServer.start(homes.resolve("plain"));
        Caller there = new Caller(plain.address())) {
      there.putManifest(APP, "v1", there.image(APP, 1));
      there.putManifest(APP, "v2", there.image(APP, 2));
      sign(there, APP, image, "alice");
      west.bind("team/*", "alice");
      PassReport report = west.pull(plain.address(), "team/*", "");
      assertThat(report.feed()).isFalse();
      assertThat(report.complete()).as(report.toJson().toString()).isTrue();
      assertThat(get("v1").statusCode()).isEqualTo(200);
      assertThat(get("v2").statusCode()).isEqualTo(403);

      there.call("DELETE", path(evidence.toString()));
      assertThat(there.call("DELETE", path("v2")).statusCode()).isEqualTo(202);
      report = west.pull(plain.address(), "team/*", "");
      assertThat(get("v1").statusCode()).isEqualTo(403);
      assertThat(get("v2").statusCode()).as(report.toJson().toString()).isEqualTo(404);
    }
  }

  @Test
  void aFileBringsTheSameAndAnOlderOneIsRefused() throws Exception {
    west.bind("team/*", "alice");
    ObjectNode signed = home.image(APP, 1);
    ObjectNode unsigned = home.image(APP, 2);
    home.putManifest(APP, "signed", signed);
    home.putManifest(APP, "unsigned", unsigned);
    sign(home, APP, signed, "alice");
    Path old = homes.resolve("old.tar");
    Path fresh = homes.resolve("fresh.tar");
    east.airGap.export(new Glob("team/*"), old, Progress.UNHEARD);
    sign(home, APP, unsigned, "alice");
    east.airGap.export(new Glob("team/*"), fresh, Progress.UNHEARD);

    assertThat(imported(old).complete()).isTrue();
    assertThat(get("signed").statusCode()).isEqualTo(200);
    assertThat(get("unsigned").statusCode()).isEqualTo(403);
    assertThat(imported(old).repositories().getFirst().taken()).as("a second time").isZero();
    assertThat(imported(fresh).complete()).isTrue();
    assertThat(get("unsigned").statusCode()).isEqualTo(200);
    assertThat(imported(old).repositories().getFirst().code()).isEqualTo("replication-rewound");

    byte[] bytes = Files.readAllBytes(fresh);
    String layer = signed.path("layers").path(0).path("digest").asString().substring(7);
    int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("blobs/sha256/" + layer);
    bytes[at + 512 + 10] ^= 1;
    Files.write(fresh, bytes);
    try (TrialRegion north = new TrialRegion("north", homes.resolve("north"))) {
      PassReport report = north.airGap.load(fresh, "", "north", Progress.UNHEARD).getFirst();
      assertThat(report.complete()).isFalse();
      assertThat(report.repositories().getFirst().lacking())
          .anySatisfy(one -> assertThat(one.digest()).isEqualTo(digestOf(signed).toString()));
    }
  }

  @Test
  void receiptsTravelBackByFileAndAForgedOneDoesNotCount() throws Exception {
    west.bind("team/*", "alice");
    ObjectNode signed = home.image(APP, 1);
    ObjectNode unsigned = home.image(APP, 2);
    home.putManifest(APP, "signed", signed);
    home.putManifest(APP, "unsigned", unsigned);
    sign(home, APP, signed, "alice");
    Path content = homes.resolve("team.tar");
    Path receipts = homes.resolve("west.receipts");
    east.airGap.export(new Glob("team/*"), content, Progress.UNHEARD);
    imported(content);
    assertThat(east.regions.describe(APP).path("replicas")).isEmpty();

    ReceiptFile.write(west.replications, new Glob("team/*"), receipts);
    assertThat(ReceiptFile.read(east.regions, receipts).path("receipts").asLong()).isEqualTo(2);
    ReceiptFile.read(east.regions, receipts);
    assertThat(standing(signed).path("verdict").asString()).isEqualTo("admitted");
    assertThat(standing(unsigned).path("reason").asString()).contains("none of alice has signed");
    assertThat(standing(unsigned).path("behind").asLong()).isZero();

    try (TrialRegion mallory = new TrialRegion("west", homes.resolve("mallory"))) {
      mallory.airGap.load(content, "", "west", Progress.UNHEARD);
      ReceiptFile.write(mallory.replications, new Glob("**"), receipts);
      assertThatThrownBy(() -> ReceiptFile.read(east.regions, receipts))
          .isInstanceOfSatisfying(
              BullaException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.REPLICATION_UNTRUSTED));
    }
    assertThat(standing(unsigned).path("verdict").asString()).isEqualTo("refused");
    Files.writeString(receipts, "{\"kind\":\"other\",\"version\":1}\n");
    assertThatThrownBy(() -> ReceiptFile.read(east.regions, receipts))
        .isInstanceOf(BullaException.class);
  }

  @Test
  void aCacheLetsGoWhatNobodyAskedForTheLongestSaveWhatIsProtected() {
    String upstream = "http://" + east.address().getAuthority();
    CacheProject cache = new CacheProject("hub", upstream, "", Duration.ofHours(1));
    west.caches.save(cache);
    ObjectNode[] images = new ObjectNode[6];
    for (int i = 0; i < images.length; i++) {
      images[i] = home.image(APP, i);
      home.putManifest(APP, "t" + i, images[i]);
      sign(home, APP, images[i], "alice");
      assertThat(cached("t" + i)).isEqualTo(200);
      String layer = images[i].path("layers").path(0).path("digest").asString();
      assertThat(copy.call("GET", "/v2/hub/team/app/blobs/" + layer).statusCode()).isEqualTo(200);
    }
    west.registry.locks().hold("hub/team/app", digestOf(images[0]), "case 1", "anna");
    Optional<Duration> never = Optional.empty();
    west.registry
        .retention()
        .set(new RetentionRule("hub/**", "t1", Optional.of(1L), never, never, never), "anna");
    west.records.write(handle ->
        handle.execute(
            "INSERT INTO region_receipt VALUES (?, ?, 'south', 'ADMITTED', '', '', 1, '')",
            "hub/team/app",
            digestOf(images[2]).toString()));
    CacheEviction eviction = new CacheEviction(west.registry, west.records, InstantSource.system());
    long used = eviction.usedBytes(cache);
    assertThat(used).isGreaterThan(3_000);
    west.caches.save(
        new CacheProject(
            "hub",
            upstream,
            "",
            Duration.ofHours(1),
            new Eviction.Bounds(used - 1, Duration.ZERO)));

    Eviction.Report told = eviction.run("hub", true).getFirst();
    assertThat(told.removed()).as("with its evidence").hasSize(2);
    assertThat(told.removed().getFirst().digest()).isEqualTo(digestOf(images[3]).toString());
    assertThat(told.kept()).isEqualTo(3);
    assertThat(eviction.usedBytes(cache)).as("a dry run").isEqualTo(used);

    Eviction.Report done = eviction.run("", false).getFirst();
    assertThat(done.removed()).isEqualTo(told.removed());
    assertThat(done.after()).isEqualTo(told.after()).isLessThan(used);
    assertThat(eviction.run("hub", false).getFirst().removed()).isEmpty();
    assertThat(cached("t3")).as("fetched again").isEqualTo(200);
    east.close();
    assertThat(cached("t4")).isEqualTo(200);
    west.caches.save(
        new CacheProject(
            "hub", upstream, "", Duration.ofHours(1), new Eviction.Bounds(1, Duration.ZERO)));
    assertThat(eviction.run("hub", false).getFirst().kept()).isEqualTo(3);
    assertThat(cached("t4")).as("gone, and so is the upstream").isEqualTo(503);
    for (String tag : List.of("t0", "t1", "t2")) {
      assertThat(cached(tag)).as(tag).isEqualTo(200);
    }
  }

  private int cached(String tag) {
    return copy.call("GET", "/v2/hub/team/app/manifests/" + tag).statusCode();
  }

  private PassReport imported(Path file) {
    return west.airGap.load(file, "", "west", Progress.UNHEARD).getFirst();
  }

  @Test
  void aCacheFetchesEvidenceFirstAndGivesOutWhatItHasWhenTheUpstreamIsGone() {
    west.bind("hub/**", "alice");
    ObjectNode signed = home.image(APP, 1);
    ObjectNode unsigned = home.image(APP, 2);
    home.putManifest(APP, "signed", signed);
    home.putManifest(APP, "unsigned", unsigned);
    sign(home, APP, signed, "alice");
    String upstream = "http://" + east.address().getAuthority();
    west.caches.save(new CacheProject("hub", upstream, "", Duration.ZERO));

    HttpResponse<byte[]> got = copy.call("GET", "/v2/hub/team/app/manifests/signed");
    assertThat(got.statusCode()).isEqualTo(200);
    assertThat(digestOf(signed).matches(got.body())).isTrue();
    String layer =
        "/v2/hub/team/app/blobs/" + signed.path("layers").path(0).path("digest").asString();
    assertThat(header(copy.call("HEAD", layer), "Content-Length")).isEqualTo("501");
    assertThat(copy.call("GET", layer).body()).isEqualTo(Caller.content(501));
    assertThat(copy.call("GET", "/v2/hub/team/app/manifests/unsigned").statusCode()).isEqualTo(403);
    String hidden =
        "/v2/hub/team/app/blobs/" + unsigned.path("layers").path(0).path("digest").asString();
    assertThat(copy.call("GET", hidden).statusCode()).isEqualTo(403);
    assertThat(copy.call("GET", "/v2/hub/team/app/manifests/none").statusCode()).isEqualTo(404);
    assertThat(copy.call("POST", "/v2/hub/team/app/blobs/uploads/").statusCode()).isEqualTo(403);

    ObjectNode doubted = home.image(APP, 3);
    home.putManifest(APP, "doubted", doubted);
    Digest evidence = sign(home, APP, doubted, "alice");
    assertThat(cached("doubted")).isEqualTo(200);
    home.call("DELETE", path(evidence.toString()));
    assertThat(cached("doubted")).as("its signature was taken back upstream").isEqualTo(403);

    home.putManifest(APP, "signed", unsigned);
    assertThat(
            header(copy.call("GET", "/v2/hub/team/app/manifests/signed"), "Docker-Content-Digest"))
        .as("the new image is not admitted")
        .isEqualTo(digestOf(signed).toString());
    east.close();
    HttpResponse<byte[]> stale = copy.call("GET", "/v2/hub/team/app/manifests/signed");
    assertThat(stale.statusCode()).isEqualTo(200);
    assertThat(header(stale, "Age")).isNotEmpty();
    assertThat(copy.call("GET", "/v2/hub/team/app/manifests/other").statusCode()).isEqualTo(503);
    assertThat(copy.call("GET", layer).statusCode()).isEqualTo(200);
  }

  private HttpResponse<byte[]> get(String reference) {
    return copy.call("GET", path(reference));
  }

  private static String path(String reference) {
    return "/v2/" + APP + "/manifests/" + reference;
  }

  private JsonNode standing(ObjectNode image) {
    return east.regions.describe(APP, digestOf(image)).path("replicas").path(0);
  }

  private JsonNode receiptsOf(ObjectNode image) {
    return json(home.call("GET", "/v2/" + APP + "/_replicas/" + digestOf(image))).path("receipts");
  }
}
