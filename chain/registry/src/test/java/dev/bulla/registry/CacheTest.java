package dev.bulla.registry;

import static dev.bulla.registry.Caller.digestOf;
import static dev.bulla.registry.Caller.header;
import static dev.bulla.registry.TrialRegion.sign;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.Digest;
import dev.bulla.core.MediaTypes;
import dev.bulla.registry.replication.CacheEviction;
import dev.bulla.registry.replication.CacheProject;
import dev.bulla.testkit.FaultProxy;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/** A project whose content is fetched from another registry when somebody asks for it. */
class CacheTest extends TwoRegions {
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

  private int cached(String tag) {
    return copy.call("GET", "/v2/hub/team/app/manifests/" + tag).statusCode();
  }

  /** By a break of the line, or a kill: what arrived is noted before it does. */
  @Test
  void theRestOfALargeBlobIsFetchedForWhoeverAsksNext() throws Exception {
    byte[] content = new byte[1_300_000];
    new Random(5).nextBytes(content);
    Digest layer = home.push(APP, content);
    ObjectNode image = home.image(APP, 1);
    image.putArray("layers").add(Caller.descriptor(MediaTypes.OCI_LAYER_GZIP, content));
    home.putManifest(APP, "large", image);
    String path = "/v2/hub/team/app/blobs/" + layer;
    try (FaultProxy line = FaultProxy.before(east.address())) {
      String upstream = "http://" + line.address().getAuthority();
      west.caches.save(new CacheProject("hub", upstream, "", Duration.ofHours(1)));
      assertThat(cached("large")).isEqualTo(200);

      line.next(1, "GET", "/blobs/" + layer, FaultProxy.cut(900_000));
      line.next(9, "GET", "/blobs/" + layer, FaultProxy.status("503 Unavailable"));
      assertThatThrownBy(() -> copy.call("GET", path)).as("a reader is cut off").isNotNull();
      // the reader may know before the server is done with it
      CacheTest.until(() -> parts().size() == 1 && line.requests("/blobs/" + layer).size() > 1);
      line.heal();
      int before = line.requests("/blobs/" + layer).size();
      HttpResponse<byte[]> again = copy.call("GET", path);
      assertThat(again.statusCode()).isEqualTo(200);
      assertThat(layer.matches(again.body())).isTrue();
      assertThat(line.requests("/blobs/" + layer).subList(before, before + 1))
          .extracting(FaultProxy.Request::range)
          .allMatch(range -> range.matches("[1-9][0-9]{5,}-"));
      assertThat(parts()).isEmpty();
    }
  }

  private List<String> parts() {
    return west.records.read(
        handle -> handle.select("SELECT digest FROM replica_partial").mapTo(String.class).list());
  }

  private static void until(BooleanSupplier met) throws InterruptedException {
    long end = System.nanoTime() + 20_000_000_000L;
    while (!met.getAsBoolean() && System.nanoTime() < end) {
      Thread.sleep(5);
    }
  }
}
