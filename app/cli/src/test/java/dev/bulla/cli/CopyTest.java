package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Platform;
import dev.bulla.core.Reference;
import dev.bulla.core.json.Json;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Layout;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import dev.bulla.oci.TarArchive;
import dev.bulla.testkit.Fault;
import dev.bulla.testkit.FaultyRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code bulla copy}, {@code save} and {@code load}: nothing that lies beside an image is lost. */
class CopyTest {
  private static final FaultyRegistry NEW = FaultyRegistry.start();
  private static final FaultyRegistry OLD = FaultyRegistry.start().withoutReferrersApi();
  private static final String VERIFY = "verify --recursive --key home/keys/signing.pub ";

  /** Two signatures of each of three manifests, four attached by tags, one on a signature. */
  private static final int EVIDENCE = 11;

  @TempDir static Path temp;
  private static Caller caller;
  private static Descriptor index;
  private static Descriptor amd64;

  @BeforeAll
  static void publish() {
    caller = new Caller(temp.resolve("home"), temp);
    try (RegistryClient client = RegistryClient.builder().build()) {
      Repository app = client.repository(Reference.parse(NEW.host() + "/app"));
      amd64 = image(app, "amd64", Optional.empty(), List.of());
      Descriptor arm64 = image(app, "arm64", Optional.empty(), List.of());
      Manifest manifest =
          Manifest.index(
              List.of(
                  amd64.withPlatform(Platform.parse("linux/amd64")),
                  arm64.withPlatform(Platform.parse("linux/arm64"))),
              Map.of());
      app.pushManifest(manifest, List.of("1"));
      index = manifest.descriptor();
      attach(app, index, ".sig", "one");
      attach(app, index, ".att", "attestation");
      attach(app, amd64, ".sbom", "inventory");
      attach(app, arm64, ".unheard-of", "something");
    }
    run("sign --recursive NEW/app:1").ok();
    try (RegistryClient client = RegistryClient.builder().build()) {
      Repository app = client.repository(Reference.parse(NEW.host() + "/app"));
      Descriptor signature = app.referrers(amd64.digest(), Optional.empty()).getFirst();
      image(app, "about a signature", Optional.of(signature.bare()), List.of());
    }
  }

  @AfterAll
  static void stop() {
    NEW.close();
    OLD.close();
  }

  private static Descriptor image(
      Repository repository, String text, Optional<Descriptor> subject, List<String> tags) {
    byte[] config = ("{\"author\":\"" + text + "\"}").getBytes(StandardCharsets.UTF_8);
    Descriptor blob = Descriptor.of(MediaTypes.OCI_CONFIG, config);
    repository.pushBlob(blob, BlobSource.of(config));
    Manifest manifest =
        Manifest.image(
            blob,
            List.of(blob.withAnnotations(Map.of("text", text))),
            Optional.empty(),
            subject,
            Map.of());
    repository.pushManifest(manifest, tags);
    return manifest.descriptor();
  }

  private static void attach(Repository app, Descriptor subject, String suffix, String text) {
    image(app, text, Optional.empty(), List.of("sha256-" + subject.digest().hex() + suffix));
  }

  private static Ran run(String line) {
    return caller.run(line.replace("NEW", NEW.host()).replace("OLD", OLD.host()).split(" +"));
  }

  /** The index names a third image that is nowhere. */
  @Test
  void aSparseIndexIsTakenWhenSomebodySaysSoAndNeverCalledComplete() throws Exception {
    Digest nowhere = Digest.sha256("nowhere".getBytes(StandardCharsets.UTF_8));
    try (RegistryClient client = RegistryClient.builder().build()) {
      Repository app = client.repository(Reference.parse(NEW.host() + "/app"));
      List<Descriptor> children = new ArrayList<>(app.manifest(index).manifests());
      children.add(
          new Descriptor(MediaTypes.OCI_MANIFEST, nowhere, 7)
              .withPlatform(Platform.parse("linux/s390x")));
      app.pushManifest(Manifest.index(children, Map.of()), List.of("sparse"));
    }
    run("sign NEW/app:sparse").ok();
    for (String line :
        List.of(
            "copy NEW/app:sparse OLD/sparse",
            "copy --to-oci-layout NEW/app:sparse sparse",
            "save NEW/app:sparse sparse.tar")) {
      Ran refused = run(line).failed(ErrorCode.MANIFEST_NOT_FOUND);
      assertThat(refused.err()).contains("--sparse");

      JsonNode json = run(line + " --sparse --output json").ok().json();

      assertThat(json.path("proof").path("complete").asBoolean()).isFalse();
      assertThat(json.path("parts").asInt()).isEqualTo(4);
      assertThat(json.path("missing").toString()).contains(nowhere.toString(), "linux/s390x");
    }
    assertThat(run("load sparse.tar OLD/again").failed(ErrorCode.MANIFEST_NOT_FOUND).err())
        .contains("--sparse");
    run("load --sparse sparse.tar OLD/again:1").ok();
    Ran verified = run(VERIFY + "OLD/again:1").ended(3);
    assertThat(verified.out()).contains("no  linux/s390x", "ok  linux/arm64");
    run("save NEW/app:sparse sparse.tar --sparse").failed(ErrorCode.CONFLICT);
    run("save NEW/app:sparse sparse.tar --sparse --force").ok();
  }

  private static void assertNothingLost(JsonNode json) {
    assertThat(json.path("proof").toString())
        .isEqualTo(
            "{\"source\":%d,\"destination\":%d,\"complete\":true}".formatted(EVIDENCE, EVIDENCE));
    assertThat(json.path("evidence").size()).isEqualTo(EVIDENCE);
    assertThat(json.path("digest").asString()).isEqualTo(index.digest().toString());
  }

  @Test
  void nothingIsLostFromRegistryToRegistryToFileToLayoutAndBack() {
    assertNothingLost(run("copy --output json NEW/app:1 OLD/app:2").ok().json());
    assertThat(run(VERIFY + "OLD/app:2").ok().out()).contains("ok  linux/arm64");
    JsonNode saved = run("save --output json OLD/app:2 app.tar").ok().json();
    assertNothingLost(saved);
    try (TarArchive tar = TarArchive.open(temp.resolve("app.tar"))) {
      JsonNode told = saved.path("content");
      assertThat(told.path("manifests").asInt() + told.path("blobs").asInt())
          .isEqualTo(
              (int) tar.sizes().keySet().stream().filter(one -> one.startsWith("blobs/")).count());
      assertThat(told.path("blobs").asInt()).isGreaterThan(10);
      assertThat(told.path("bytes").asInt()).isGreaterThan(1000);
    }
    assertNothingLost(
        run("copy --output json --from-oci-layout --to-oci-layout app.tar:2 lay").ok().json());
    assertNothingLost(run("load --output json lay NEW/back").ok().json());
    assertNothingLost(run("copy --output json NEW/back:2 OLD/back").ok().json());
    run(VERIFY + "OLD/back:2").ok();
    run(VERIFY + "--oci-layout lay:2").ok();
  }

  @Test
  void secondCopySendsNothing() {
    run("copy NEW/app:1 OLD/twice:1").ok();
    long uploads = OLD.count("POST", "/twice/blobs/uploads");
    long puts = OLD.count("PUT", "/twice/manifests");

    JsonNode json = run("copy --output json NEW/app:1 OLD/twice:1").ok().json();

    assertNothingLost(json);
    assertThat(OLD.count("POST", "/twice/blobs/uploads")).isEqualTo(uploads);
    assertThat(OLD.count("PUT", "/twice/manifests")).isEqualTo(puts);
    assertThat(json.path("evidence").valueStream().map(one -> one.path("status").asString()))
        .containsOnly("present");
  }

  @Test
  void savedLayoutSaysToCosignWhatIsWhat() throws Exception {
    run("save NEW/app:1 for-cosign").ok();

    JsonNode written =
        Json.parse(Files.readAllBytes(temp.resolve("for-cosign/index.json")), "index.json");

    List<String> kinds = new ArrayList<>();
    written
        .path("manifests")
        .forEach(one -> kinds.add(one.path("annotations").path("kind").asString("")));
    assertThat(kinds)
        .contains(
            "dev.cosignproject.cosign/imageIndex",
            "dev.cosignproject.cosign/sigs",
            "dev.cosignproject.cosign/atts");
  }

  @Test
  void layoutOfCosignIsLoadedWithItsUnlistedBundles() throws Exception {
    run("save NEW/app:1 by-cosign").ok();
    Path listed = temp.resolve("by-cosign/index.json");
    var root = Json.parseObject(Files.readAllBytes(listed), "index.json");
    var kept = Json.array();
    for (JsonNode one : root.path("manifests")) {
      var annotations = one.path("annotations");
      if (annotations.has("kind")) {
        ((tools.jackson.databind.node.ObjectNode) annotations)
            .remove("org.opencontainers.image.ref.name");
        kept.add(one);
      }
    }
    root.set("manifests", kept);
    Files.write(listed, Json.write(root));

    JsonNode json = run("load --output json by-cosign OLD/cosign:1").ok().json();

    // without the .sbom and the unknown tag of the children, which cosign does not save
    assertThat(json.path("proof").path("destination").asInt()).isEqualTo(EVIDENCE - 2);
    run(VERIFY + "OLD/cosign:1").ok();
  }

  @Test
  void signaturesThatAreThereAreNotTakenAway() {
    run("copy NEW/app:1 OLD/conflict:1").ok();
    String tag = "sha256-" + index.digest().hex() + ".sig";
    try (RegistryClient client = RegistryClient.builder().build()) {
      Repository there = client.repository(Reference.parse(OLD.host() + "/conflict"));
      image(there, "another", Optional.empty(), List.of(tag));
      Descriptor before = there.resolve(tag).orElseThrow();

      assertThat(run("copy NEW/app:1 OLD/conflict:1").failed(ErrorCode.CONFLICT).err())
          .contains(tag);

      assertThat(there.resolve(tag)).contains(before);
    }
  }

  @Test
  void whatTheDestinationDoesNotShowIsMissed() {
    try (FaultyRegistry forgetful = FaultyRegistry.start()) {
      byte[] nothing = Manifest.index(List.of(), Map.of()).bytes();
      forgetful.with(Fault.replace(any -> nothing).on("GET", "/referrers/").always());

      Ran ran =
          run("copy NEW/app:1 " + forgetful.host() + "/app").failed(ErrorCode.COPY_INCOMPLETE);

      assertThat(ran.err()).contains("of 11 pieces of evidence 7 are not found");
    }
  }

  @Test
  void evidenceBeyondTheDepthEndsTheCopyInsteadOfStayingBehind() {
    run("copy --depth 1 NEW/app:1 OLD/deep:1").failed(ErrorCode.INPUT_TOO_LARGE);
    run("copy --depth 9 NEW/app:1 OLD/deep:1").failed(ErrorCode.USAGE);
  }

  @Test
  void listOfReferrersWithEntriesThatNameNoSubjectGoesAlong() {
    Digest image;
    try (RegistryClient client = RegistryClient.builder().build()) {
      Repository from = client.repository(Reference.parse(OLD.host() + "/orphans"));
      Descriptor one = image(from, "with orphans", Optional.empty(), List.of("1"));
      Descriptor orphan = image(from, "orphan", Optional.empty(), List.of());
      Digest gone = Digest.sha256(new byte[] {1});
      image = one.digest();
      from.pushManifest(
          Manifest.index(
              List.of(orphan, new Descriptor(MediaTypes.OCI_MANIFEST, gone, 1)), Map.of()),
          List.of("sha256-" + image.hex()));
    }

    JsonNode json = run("save --output json OLD/orphans:1 orphans").ok().json();

    assertThat(json.path("dangling").size()).isEqualTo(1);
    assertThat(json.path("evidence").valueStream().map(one -> one.path("kind").asString()))
        .containsExactly("other", "list");
    try (Repository layout = Layout.open(temp.resolve("orphans"))) {
      assertThat(layout.tags()).contains("1", "sha256-" + image.hex());
    }
  }

  @Test
  void targetThatIsNeitherDirectoryNorTarIsAUsageError() {
    run("save NEW/app:1 app.tar.gz").failed(ErrorCode.USAGE);
    run("save NEW/app:1 nowhere/app.tar").failed(ErrorCode.FILE_NOT_FOUND);
    run("load nowhere NEW/app:1").failed(ErrorCode.FILE_NOT_FOUND);
    run("copy NEW/app:9 NEW/b").failed(ErrorCode.MANIFEST_NOT_FOUND);
  }
}
