package dev.bulla.registry;

import static dev.bulla.registry.Caller.digestOf;
import static dev.bulla.registry.Caller.header;
import static dev.bulla.registry.Caller.json;
import static dev.bulla.registry.TrialRegion.sign;
import static dev.bulla.registry.TrialRegion.signature;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.json.Json;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.registry.replication.PassReport;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A repository with its home in one region and a copy in another. */
class ReplicationTest extends TwoRegions {
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

  /** Before the first blob is moved, not when the disk is full of what is of no use. */
  @Test
  void whatDoesNotFitAQuotaIsSaidAtTheStart() {
    ObjectNode small = home.image(APP, 1);
    home.putManifest(APP, "small", small);
    home.putManifest(APP, "large", home.image(APP, 900));
    OptionalLong none = OptionalLong.empty();
    Quota tight = new Quota(OptionalLong.of(1_000), none, none, none);
    west.registry.quotas().set("team", tight, "anna");
    PassReport refused = west.pull(east, "team/*");
    assertThat(refused.repositories().getFirst().code()).isEqualTo("quota-exceeded");
    assertThat(refused.repositories().getFirst().failure()).contains("1000 bytes left");
    assertThat(refused.repositories().getFirst().bytes()).isZero();
    assertThat(refused.kept()).isFalse();

    Quota wide = new Quota(OptionalLong.of(2_500), none, none, none);
    west.registry.quotas().set("team", wide, "anna");
    assertThat(west.pull(east, "team/*").complete()).isTrue();
    home.putManifest(APP, "more", home.image(APP, 1_000));
    PassReport more = west.pull(east, "team/*");
    assertThat(more.repositories().getFirst().lacking()).hasSize(1);
    assertThat(more.repositories().getFirst().bytes()).as("nothing of the image").isZero();
    assertThat(get("small").statusCode()).isEqualTo(200);
  }

  /** Also where the copy has signed what it decided itself, which the home never had. */
  @Test
  void theHomeIsToldWhetherTheSameBelongsToAnImageThere() {
    west.bind("team/*", "alice");
    west.registry.trust().sealBy(ReplicationTest::seal);
    ObjectNode child = home.image(APP, 1);
    ObjectNode index = Caller.index(child);
    home.putManifest(APP, digestOf(child).toString(), child);
    home.putManifest(APP, "multi", index);
    sign(home, APP, index, "alice");
    west.pull(east, "team/*");
    assertThat(sealed).as("west has signed what it decided").isPositive();
    assertThat(standing(index).path("closure").path("same").asBoolean()).isTrue();
    assertThat(closure(west, copy, index)).isEqualTo(closure(east, home, index));

    ObjectNode late = signature(home, APP, child, "bob");
    home.putManifest(APP, digestOf(late).toString(), late);
    JsonNode behind = standing(index).path("closure");
    assertThat(behind.path("same").asBoolean()).isFalse();
    assertThat(behind.path("lacks").path(0).asString()).isEqualTo(digestOf(late).toString());
    west.pull(east, "team/*");
    assertThat(standing(index).path("closure").path("same").asBoolean()).isTrue();
    assertThat(closure(west, copy, index)).isEqualTo(closure(east, home, index));

    home.call("DELETE", path(digestOf(late).toString()));
    assertThat(standing(index).path("closure").path("more")).hasSize(1);
    west.pull(east, "team/*");
    assertThat(standing(index).path("closure").path("same").asBoolean()).isTrue();

    String tag = "sha256-" + digestOf(child).hex() + ".sig";
    home.putManifest(APP, tag, home.artifact(APP, "application/x-note"));
    west.pull(east, "team/*");
    assertThat(standing(index).path("closure").path("same").asBoolean()).isTrue();
    home.call("DELETE", path(tag));
    west.pull(east, "team/*");
    assertThat(standing(index).path("closure").path("same").asBoolean()).isTrue();
  }

  private static int sealed;

  private static Optional<Descriptor> seal(
      Binding binding,
      Repository repository,
      Descriptor subject,
      Admission decision,
      List<Waiver> waivers) {
    byte[] empty = "{}".getBytes(StandardCharsets.UTF_8);
    Descriptor none = Descriptor.of(MediaTypes.OCI_EMPTY, empty);
    repository.pushBlob(none, BlobSource.of(empty));
    ObjectNode note = Json.object().put("schemaVersion", 2);
    note.put("mediaType", MediaTypes.OCI_MANIFEST).put("artifactType", "application/x-decision");
    note.set("config", Manifest.toJson(none));
    note.putArray("layers").add(Manifest.toJson(none));
    note.set("subject", Manifest.toJson(subject));
    note.putObject("annotations").put("state", decision.state() + " " + decision.epoch());
    byte[] bytes = Json.write(note);
    repository.pushManifest(
        Manifest.parse(bytes, MediaTypes.OCI_MANIFEST, Digest.Algorithm.SHA256), List.of());
    sealed++;
    return Optional.of(Descriptor.of(MediaTypes.OCI_MANIFEST, bytes));
  }

  private static String closure(TrialRegion region, Caller caller, ObjectNode image) {
    return json(caller.call("GET", "/v2/" + APP + "/_closure/" + digestOf(image), region.owner()))
        .path("rootHash")
        .asString();
  }
}
