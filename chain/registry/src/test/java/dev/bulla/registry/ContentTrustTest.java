package dev.bulla.registry;

import static dev.bulla.registry.Caller.digestOf;
import static dev.bulla.registry.Caller.error;
import static dev.bulla.registry.Caller.header;
import static dev.bulla.registry.Caller.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Binding.Mode;
import dev.bulla.registry.Binding.UnsignedPush;
import dev.bulla.registry.ImageJudge.Clause;
import dev.bulla.registry.ImageJudge.Judgement;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/**
 * What readers see of a bound repository. The judge is simple here: an image is admitted by a
 * bundle beside it whose annotation names a signer that stands in the binding's document.
 */
class ContentTrustTest {
  private static final String BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
  private static final String APP = "team/app";

  @TempDir Path home;
  private TrialServer server;
  private Caller reader;
  private final AtomicInteger judged = new AtomicInteger();

  @BeforeEach
  void start() {
    server = TrialServer.start(home);
    reader = new Caller(server.address());
    server
        .registry()
        .trust()
        .judgeBy((binding, repository, subject, tag) -> {
          judged.incrementAndGet();
          String signers = new String(binding.trust(), StandardCharsets.UTF_8);
          boolean signed =
              repository.referrers(subject.digest(), Optional.of(BUNDLE)).stream()
                  .anyMatch(one -> signers.contains(one.annotations().getOrDefault("signer", "?")));
          Clause clause =
              new Clause("signatures", signed ? "" : "none of " + signers + " has signed");
          return new Judgement(
              signed, List.of(clause), List.of(), signed ? "" : "not signed", false);
        });
  }

  @AfterEach
  void stop() {
    reader.close();
    server.close();
  }

  @Test
  void onlyWhatIsSignedByTheRightOneIsVisibleAlsoAfterARestartAndARevocation() {
    bind(Mode.ENFORCE, UnsignedPush.PEND, "alice");
    ObjectNode image = reader.image(APP, 1);
    assertThat(reader.putManifest(APP, "v1", image).statusCode()).isEqualTo(201);

    HttpResponse<byte[]> refused = get(APP, "v1");
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(error(refused)).isEqualTo("DENIED");
    assertThat(new String(refused.body(), StandardCharsets.UTF_8))
        .contains("PENDING", "signatures: none of alice has signed");
    assertThat(get(APP, digestOf(image).toString()).statusCode()).isEqualTo(403);
    assertThat(header(reader.call("HEAD", path(APP, "v1")), "Warning")).startsWith("299 - \"");
    assertThat(json(reader.call("GET", "/v2/team/app/tags/list")).path("tags")).isEmpty();
    assertThat(get(APP, "v1", owner()).statusCode()).as("those who push").isEqualTo(200);

    sign(image, "mallory");
    assertThat(get(APP, "v1").statusCode()).isEqualTo(403);
    sign(image, "alice");
    assertThat(get(APP, "v1").statusCode()).isEqualTo(200);
    assertThat(json(reader.call("GET", "/v2/team/app/tags/list")).path("tags").path(0).asString())
        .isEqualTo("v1");
    int before = judged.get();
    get(APP, "v1");
    assertThat(judged.get()).as("an admitted pull verifies nothing").isEqualTo(before);

    restart();
    assertThat(get(APP, "v1").statusCode()).isEqualTo(200);
    bind(Mode.ENFORCE, UnsignedPush.PEND, "bob");
    HttpResponse<byte[]> revoked = get(APP, "v1");
    assertThat(revoked.statusCode()).isEqualTo(403);
    assertThat(new String(revoked.body(), StandardCharsets.UTF_8)).contains("REVOKED");
    restart();
    assertThat(get(APP, "v1").statusCode()).isEqualTo(403);
    sign(image, "bob");
    assertThat(get(APP, "v1").statusCode()).isEqualTo(200);
  }

  @Test
  void aBadPushTakesNobodysTagAwayAndBlobsFollowTheirManifest() {
    bind(Mode.ENFORCE, UnsignedPush.PEND, "alice");
    ObjectNode good = reader.image(APP, 1);
    sign(good, "alice");
    reader.putManifest(APP, "v1", good);
    ObjectNode bad = reader.image(APP, 2);
    reader.putManifest(APP, "v1", bad);

    assertThat(header(get(APP, "v1"), "Docker-Content-Digest"))
        .isEqualTo(digestOf(good).toString());
    assertThat(header(get(APP, "v1", owner()), "Docker-Content-Digest"))
        .isEqualTo(digestOf(bad).toString());
    String visible = "/v2/team/app/blobs/" + layerOf(good);
    String hidden = "/v2/team/app/blobs/" + layerOf(bad);
    assertThat(reader.call("GET", visible).statusCode()).isEqualTo(200);
    assertThat(reader.call("GET", hidden).statusCode()).isEqualTo(403);
    assertThat(reader.call("HEAD", hidden).statusCode()).as("a pusher sends it").isEqualTo(404);
    assertThat(reader.call("GET", hidden, "User-Agent", "cosign/3.0").statusCode()).isEqualTo(403);
    assertThat(reader.call("GET", hidden, owner()).statusCode()).isEqualTo(200);
    String mount = "/v2/free/app/blobs/uploads/?mount=" + layerOf(bad);
    assertThat(reader.call("POST", mount + "&from=team/app").statusCode()).isEqualTo(202);
    assertThat(reader.call("POST", mount).statusCode()).isEqualTo(202);

    Listing.Tag tag = server.registry().listing().tags(APP, "", 1).entries().getFirst();
    assertThat(tag.digest()).contains(digestOf(good));
    assertThat(tag.waiting()).contains(digestOf(bad));
    assertThat(server.registry().listing().tags(APP, "v1", 1).entries()).isEmpty();
    sign(bad, "alice");
    assertThat(header(get(APP, "v1"), "Docker-Content-Digest")).isEqualTo(digestOf(bad).toString());
    assertThat(reader.call("GET", hidden).statusCode()).isEqualTo(200);
  }

  @Test
  void partsOfAnAdmittedIndexAreAdmittedAndDeletedEvidenceCounts() {
    bind(Mode.ENFORCE, UnsignedPush.PEND, "alice");
    ObjectNode child = reader.image(APP, 1);
    ObjectNode index = Caller.index(child);
    reader.putManifest(APP, digestOf(child).toString(), child);
    reader.putManifest(APP, "multi", index);
    assertThat(get(APP, digestOf(child).toString()).statusCode()).isEqualTo(403);

    Digest evidence = sign(index, "alice");
    assertThat(get(APP, "multi").statusCode()).isEqualTo(200);
    assertThat(get(APP, digestOf(child).toString()).statusCode()).isEqualTo(200);
    assertThat(reader.call("GET", "/v2/team/app/blobs/" + layerOf(child)).statusCode())
        .isEqualTo(200);
    assertThat(
            json(reader.call("GET", "/v2/team/app/_trust/" + digestOf(child)))
                .path("via")
                .asString())
        .isEqualTo(digestOf(index).toString());

    reader.call("DELETE", path(APP, evidence.toString()));
    assertThat(get(APP, "multi").statusCode()).isEqualTo(403);
    assertThat(get(APP, digestOf(child).toString()).statusCode()).isEqualTo(403);
  }

  @Test
  void whatPassesItselfOffAsEvidenceIsAnImage() {
    bind(Mode.ENFORCE, UnsignedPush.PEND, "alice");
    ObjectNode image = reader.image(APP, 1);
    reader.putManifest(APP, "v1", image);
    Digest signature = sign(image, "mallory");
    ObjectNode smuggled = reader.image(APP, 3).put("artifactType", BUNDLE);
    smuggled.set("subject", Caller.descriptor(image));
    reader.putManifest(APP, digestOf(smuggled).toString(), smuggled);

    assertThat(get(APP, signature.toString()).statusCode()).as("evidence").isEqualTo(200);
    assertThat(get(APP, digestOf(smuggled).toString()).statusCode()).isEqualTo(403);
    assertThat(reader.call("GET", "/v2/team/app/blobs/" + layerOf(smuggled)).statusCode())
        .isEqualTo(403);
    assertThat(
            json(reader.call("GET", "/v2/team/app/referrers/" + digestOf(image))).path("manifests"))
        .hasSize(1);

    ObjectNode named = bundle(image, "mallory");
    named
        .putArray("layers")
        .add(((ObjectNode) image.path("layers").path(0)).deepCopy().put("mediaType", BUNDLE));
    assertThat(reader.putManifest(APP, digestOf(named).toString(), named).statusCode())
        .isEqualTo(201);
    assertThat(reader.call("GET", "/v2/team/app/blobs/" + layerOf(image)).statusCode())
        .as("a layer of what waits, named as evidence")
        .isEqualTo(403);
    sign(image, "alice");
    assertThat(reader.call("GET", "/v2/team/app/blobs/" + layerOf(image)).statusCode())
        .isEqualTo(200);
  }

  @Test
  void manyPushesOfWhatWaitsTakeNoPartOfAnAdmittedImageAway() {
    bind(Mode.ENFORCE, UnsignedPush.PEND, "alice");
    ObjectNode child = reader.image(APP, 1);
    ObjectNode index = Caller.index(child);
    reader.putManifest(APP, digestOf(child).toString(), child);
    reader.putManifest(APP, "multi", index);
    Digest evidence = sign(index, "alice");
    assertThat(get(APP, digestOf(child).toString()).statusCode()).isEqualTo(200);
    String layer = "/v2/team/app/blobs/" + layerOf(child);
    String empty = "/v2/team/app/blobs/" + Digest.sha256("{}".getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < 33; i++) {
      ObjectNode other = child.deepCopy().put("artifactType", "text/" + i);
      other
          .withArray("layers")
          .add(Caller.descriptor("text/plain", "{}".getBytes(StandardCharsets.UTF_8)));
      reader.putManifest(APP, "next", other);
      reader.putManifest(APP, "next", Caller.index(child).put("artifactType", "text/" + i));
    }

    assertThat(reader.call("GET", layer).statusCode()).isEqualTo(200);
    assertThat(reader.call("GET", empty).statusCode()).isEqualTo(200);
    server.registry().trust().reconsider(APP, digestOf(child));
    assertThat(get(APP, digestOf(child).toString()).statusCode()).isEqualTo(200);
    reader.call("DELETE", path(APP, evidence.toString()));
    assertThat(get(APP, "multi").statusCode()).isEqualTo(403);
    assertThat(reader.call("GET", layer).statusCode()).isEqualTo(403);
  }

  @Test
  void evidenceIsAsLongAsItSays() {
    bind(Mode.ENFORCE, UnsignedPush.PEND, "alice");
    byte[] content = Caller.content(700);
    reader.push(APP, content);
    ObjectNode lying = bundle(reader.image(APP, 1), "alice");
    lying.putArray("layers").add(Caller.descriptor(BUNDLE, content).put("size", 10));
    ObjectNode huge = lying.deepCopy();
    ((ObjectNode) huge.withArray("layers").path(0)).put("size", Long.MAX_VALUE);
    huge.withArray("layers").add(huge.path("layers").path(0));
    reader.putManifest(APP, digestOf(lying).toString(), lying);
    reader.putManifest(APP, digestOf(huge).toString(), huge);
    String blob = "/v2/team/app/blobs/" + Digest.sha256(content);

    assertThat(reader.call("GET", blob).statusCode()).isEqualTo(403);
    assertThat(get(APP, digestOf(huge).toString()).statusCode()).isEqualTo(403);
    ObjectNode honest = lying.deepCopy();
    ((ObjectNode) honest.withArray("layers").path(0)).put("size", content.length);
    reader.putManifest(APP, digestOf(honest).toString(), honest);
    assertThat(reader.call("GET", blob).statusCode()).isEqualTo(403); // the huge one was there
    reader.call("DELETE", path(APP, digestOf(huge).toString()));
    assertThat(reader.call("GET", blob).statusCode()).isEqualTo(200);
  }

  @Test
  void aBindingMayRefuseHideAuditOrBeTakenAway() {
    bind(Mode.ENFORCE, UnsignedPush.REFUSE, "alice");
    ObjectNode image = reader.image(APP, 1);
    HttpResponse<byte[]> refused = reader.putManifest(APP, "v1", image);
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(error(refused)).isEqualTo("DENIED");
    assertThat(get(APP, "v1", owner()).statusCode()).as("nothing is stored").isEqualTo(404);
    sign(image, "alice");
    assertThat(reader.putManifest(APP, "v1", image).statusCode()).isEqualTo(201);
    assertThat(get(APP, "v1").statusCode()).isEqualTo(200);

    ContentTrust trust = server.registry().trust();
    Binding strict = binding(Mode.ENFORCE, UnsignedPush.PEND, "bob", true);
    assertThat(trust.preview(strict, Optional.empty(), 10).entries())
        .extracting(TrustChange::tags, TrustChange::to, TrustChange::visible)
        .containsExactly(
            org.assertj.core.api.Assertions.tuple(List.of("v1"), Admission.State.REVOKED, false));
    assertThat(trust.previewWithout("team/*", Optional.empty(), 10).entries())
        .as("nothing: it is admitted, and would be seen without a binding")
        .isEmpty();
    trust.bind(strict);
    HttpResponse<byte[]> hidden = get(APP, "v1");
    assertThat(hidden.statusCode()).isEqualTo(404);
    assertThat(error(hidden)).isEqualTo("MANIFEST_UNKNOWN");

    reader.putManifest(APP, "v2", reader.image(APP, 2));
    assertThat(get(APP, "v2").statusCode()).isEqualTo(404);
    for (String tag : List.of("v1", "v2", "none")) {
      assertThat(new String(get(APP, tag).body(), StandardCharsets.UTF_8))
          .as("as of what is not there: no digest is told")
          .contains("has no manifest " + tag);
    }
    trust.bind(binding(Mode.ENFORCE, UnsignedPush.REFUSE, "bob", true));
    assertThat(reader.putManifest(APP, "v3", image).statusCode())
        .as("who pushes is told")
        .isEqualTo(403);
    trust.bind(strict);
    trust.bind(binding(Mode.AUDIT, UnsignedPush.PEND, "bob", false));
    assertThat(get(APP, "v2").statusCode()).isEqualTo(200);
    assertThat(trust.unbind("team/*")).isTrue();
    assertThat(trust.unbind("team/*")).isFalse();
    assertThat(get(APP, "v1").statusCode()).isEqualTo(200);
  }

  @Test
  void whatCannotBeDecidedIsNotVisible() {
    bind(Mode.ENFORCE, UnsignedPush.PEND, "alice");
    server.registry().trust().judgeBy(ImageJudge.NONE);
    ObjectNode image = reader.image(APP, 1);
    assertThat(reader.putManifest(APP, "v1", image).statusCode()).isEqualTo(201);

    assertThat(get(APP, "v1").statusCode()).isEqualTo(500);
    assertThat(get(APP, "other").statusCode()).isEqualTo(404);
  }

  private void bind(Mode mode, UnsignedPush unsignedPush, String signer) {
    server.registry().trust().bind(binding(mode, unsignedPush, signer, false));
  }

  private static Binding binding(Mode mode, UnsignedPush unsigned, String signer, boolean hide) {
    return new Binding(
        "team/*", mode, unsigned, hide, "localhost", signer.getBytes(StandardCharsets.UTF_8));
  }

  private Digest sign(ObjectNode subject, String signer) {
    ObjectNode manifest = bundle(subject, signer);
    assertThat(reader.putManifest(APP, digestOf(manifest).toString(), manifest).statusCode())
        .isEqualTo(201);
    return digestOf(manifest);
  }

  private ObjectNode bundle(ObjectNode subject, String signer) {
    byte[] empty = "{}".getBytes(StandardCharsets.UTF_8);
    reader.push(APP, empty);
    ObjectNode manifest =
        Json.object()
            .put("schemaVersion", 2)
            .put("mediaType", dev.bulla.core.MediaTypes.OCI_MANIFEST)
            .put("artifactType", BUNDLE);
    manifest.set("config", Caller.descriptor(dev.bulla.core.MediaTypes.OCI_EMPTY, empty));
    manifest.putArray("layers").add(Caller.descriptor(BUNDLE, empty));
    manifest.set("subject", Caller.descriptor(subject));
    manifest.putObject("annotations").put("signer", signer);
    return manifest;
  }

  private HttpResponse<byte[]> get(String repository, String reference, String... headers) {
    return reader.call("GET", path(repository, reference), headers);
  }

  private static String path(String repository, String reference) {
    return "/v2/" + repository + "/manifests/" + reference;
  }

  private static String layerOf(ObjectNode manifest) {
    return manifest.path("layers").path(0).path("digest").asString();
  }

  private String[] owner() {
    return new String[] {"Authorization", "Bearer " + server.token().reveal()};
  }

  private void restart() {
    stop();
    start();
  }
}
