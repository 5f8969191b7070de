package dev.bulla.registry;

import static dev.bulla.registry.Caller.digestOf;
import static dev.bulla.registry.Caller.error;
import static dev.bulla.registry.Caller.header;
import static dev.bulla.registry.Caller.json;
import static dev.bulla.registry.TrialRegion.sign;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Digest;
import dev.bulla.registry.replication.PassReport;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
