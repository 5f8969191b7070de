package dev.bulla.oci;

import static dev.bulla.oci.RepositoryContract.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Reference;
import dev.bulla.testkit.Fault;
import dev.bulla.testkit.FaultyRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Registries that lie, truncate, refuse, stumble and vanish. */
class RegistryFaultsTest {
  private final FaultyRegistry registry = FaultyRegistry.start();
  private final RegistryClient client =
      RegistryClient.builder()
          .retries(3)
          .retryDelay(Duration.ofMillis(2))
          .chunkBytes(20_000)
          .build();
  private final SampleImage image = SampleImage.of(1);
  private Repository repository;

  @BeforeEach
  void connect() {
    repository = client.repository(Reference.parse(registry.host() + "/app"));
  }

  @AfterEach
  void stop() {
    client.close();
    registry.close();
  }

  private byte[] pull(Descriptor blob) throws IOException {
    try (InputStream in = repository.blob(blob)) {
      return in.readAllBytes();
    }
  }

  private void publish() {
    image.pushTo(repository, "1.0");
  }

  @Test
  void aBlobWithOtherBytesIsRefused() {
    publish();
    registry.with(Fault.corrupt().on("GET", "/blobs/").always());

    assertFails(ErrorCode.DIGEST_MISMATCH, () -> pull(image.layer(0)));
  }

  @Test
  void aManifestWithOtherBytesIsRefusedBeforeItIsRead() {
    publish();
    byte[] other = SampleImage.of(2).manifest().bytes();
    registry.with(Fault.replace(any -> other).on("GET", "/manifests/").always());

    assertFails(ErrorCode.DIGEST_MISMATCH, () -> repository.manifest(image.descriptor()));
  }

  @Test
  void aHeaderThatClaimsAnotherDigestIsRefused() {
    publish();
    registry.with(
        Fault.header("Docker-Content-Digest", SampleImage.of(2).digest().toString())
            .on("HEAD", "/manifests/")
            .always());

    assertFails(ErrorCode.DIGEST_MISMATCH, () -> repository.resolve(image.digest().toString()));
  }

  @Test
  void aPushThatIsStoredUnderAnotherDigestIsRefused() {
    registry.with(
        Fault.header("Docker-Content-Digest", SampleImage.of(2).digest().toString())
            .on("PUT", "/manifests/"));

    assertFails(ErrorCode.DIGEST_MISMATCH, this::publish);
  }

  @Test
  void aTruncatedBlobIsRefused() {
    publish();
    registry.with(Fault.truncate(100).on("GET", "/blobs/").always());

    assertFails(ErrorCode.SIZE_MISMATCH, () -> pull(image.layer(0)));
  }

  @Test
  void aTruncatedManifestIsRefused() {
    publish();
    registry.with(Fault.truncate(100).on("GET", "/manifests/").always());

    assertFails(ErrorCode.DIGEST_MISMATCH, () -> repository.manifest(image.descriptor()));
  }

  @Test
  void aDroppedDownloadGoesOnWhereItStopped() throws IOException {
    publish();
    registry.with(Fault.drop(30_000).on("GET", "/blobs/"));

    assertThat(pull(image.layer(1))).isEqualTo(image.layers().get(1));
    assertThat(registry.requests())
        .anySatisfy(request -> {
          assertThat(request.method()).isEqualTo("GET");
          assertThat(request.headers().get("range")).isNotNull().isNotEqualTo("bytes=0-");
        });
  }

  @Test
  void aDownloadThatIsDroppedAgainAndAgainWithoutProgressEnds() {
    publish();
    registry.with(Fault.drop(0).on("GET", "/blobs/").always());

    assertFails(ErrorCode.REGISTRY_UNAVAILABLE, () -> pull(image.layer(1)));
  }

  @Test
  void aRegistryWithoutRangesIsReadAgainFromTheStart() throws IOException {
    publish();
    byte[] whole = image.layers().get(1);
    registry.with(Fault.status(200).on("GET", "/blobs/").body("x".repeat(10)));
    registry.with(Fault.drop(30_000).on("GET", "/blobs/"));

    // the second answer is a 200 with other bytes and too few of them; the third continues by range
    assertThat(pull(image.layer(1))).isEqualTo(whole);
  }

  @Test
  void aDroppedUploadGoesOnWhereItStopped() {
    registry.with(Fault.dropUpload(7_000).on("PATCH", "/blobs/uploads/"));
    publish();

    assertThat(registry.blob("app", image.layer(1).digest().toString()))
        .contains(image.layers().get(1));
    assertThat(registry.requests())
        .anyMatch(
            request -> String.valueOf(request.headers().get("content-range")).startsWith("7000-"));
  }

  @Test
  void aDroppedSingleRequestUploadIsCompletedInChunks() {
    registry.with(Fault.dropUpload(1_000).on("PUT", "/blobs/uploads/").times(2));
    image.pushTo(repository, "1.0");

    assertThat(registry.blob("app", image.layer(0).digest().toString()))
        .contains(image.layers().get(0));
  }

  @Test
  void anUploadSessionThatIsGoneIsStartedAnew() {
    registry.with(Fault.status(404).on("PATCH", "/blobs/uploads/"));
    registry.with(Fault.status(404).on("GET", "/blobs/uploads/"));
    publish();

    assertThat(registry.blob("app", image.layer(1).digest().toString())).isPresent();
  }

  @Test
  void anUploadAtAnotherOffsetThanThoughtIsBroughtIntoStep() {
    registry.with(Fault.status(416).on("PATCH", "/blobs/uploads/"));
    publish();

    assertThat(registry.blob("app", image.layer(1).digest().toString())).isPresent();
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 502, 503, 504})
  void aTransientAnswerIsTriedAgain(int status) throws IOException {
    publish();
    registry.with(Fault.status(status).on("GET", "/blobs/").times(3));

    assertThat(pull(image.layer(0))).isEqualTo(image.layers().get(0));
  }

  @Test
  void aTransientAnswerToAnUploadIsTriedAgain() {
    registry.with(Fault.status(503).on("PUT", "/").times(2));
    registry.with(Fault.status(500).on("PATCH", "/"));
    publish();

    assertThat(repository.resolve("1.0")).contains(image.descriptor());
  }

  @Test
  void anAnswerThatStaysBadIsToldByItsKind() {
    publish();
    Map<Integer, ErrorCode> expected =
        Map.of(
            401, ErrorCode.REGISTRY_UNAUTHORIZED,
            403, ErrorCode.REGISTRY_UNAUTHORIZED,
            404, ErrorCode.BLOB_NOT_FOUND,
            429, ErrorCode.REGISTRY_RATE_LIMITED,
            500, ErrorCode.REGISTRY_UNAVAILABLE,
            503, ErrorCode.REGISTRY_UNAVAILABLE,
            418, ErrorCode.REGISTRY_PROTOCOL);
    expected.forEach((status, code) -> {
      boolean repeated = status == 429 || status >= 500;
      registry.with(Fault.status(status).on("GET", "/blobs/").times(repeated ? 4 : 1));
      assertFails(code, () -> pull(image.layer(0)));
    });
  }

  @Test
  void retryAfterIsObeyedAndAnImpudentOneIsNot() throws IOException {
    publish();
    registry.with(Fault.status(429).with("Retry-After", "1").on("GET", "/blobs/"));
    long start = System.nanoTime();
    pull(image.layer(0));
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(900));

    registry.with(Fault.status(429).with("Retry-After", "86400").on("GET", "/blobs/"));
    assertThatThrownBy(() -> pull(image.layer(0)))
        .isInstanceOf(BullaException.class)
        .hasMessageContaining("86400 s");
  }

  @Test
  void theRegistrysOwnWordsAreToldWithoutControlCharacters() {
    registry.with(
        Fault.status(403)
            .on("GET", "/tags/")
            .body("{\"errors\":[{\"code\":\"DENIED\",\"message\":\"not \\u001b[31myours\"}]}"));

    assertThatThrownBy(() -> repository.tags())
        .hasMessageContaining("DENIED")
        .hasMessageContaining("not \\u001b[31myours");
  }

  @Test
  void nobodyListening() {
    registry.close();
    assertFails(ErrorCode.REGISTRY_UNAVAILABLE, () -> repository.tags());
    assertFails(
        ErrorCode.REGISTRY_UNAVAILABLE,
        () -> client.repository(Reference.parse("127.0.0.1:1/app")).tags());
  }

  @Test
  void anOversizedManifestIsNotReadWhole() {
    byte[] huge = new byte[Manifest.MAX_BYTES + 1];
    registry.putManifest("app", "huge", MediaTypes.OCI_MANIFEST, huge);
    registry.putManifest("app", Digest.sha256(huge).toString(), MediaTypes.OCI_MANIFEST, huge);

    assertFails(
        ErrorCode.INPUT_TOO_LARGE,
        () -> repository.manifest(repository.resolve("huge").orElseThrow()));
  }

  @Test
  void aManifestOfTenThousandLevelsIsRefused() {
    String deep = "{\"schemaVersion\":2,\"x\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}";
    byte[] bytes = deep.getBytes(StandardCharsets.UTF_8);
    registry.putManifest("app", "deep", MediaTypes.OCI_MANIFEST, bytes);
    registry.putManifest("app", Digest.sha256(bytes).toString(), MediaTypes.OCI_MANIFEST, bytes);

    assertFails(
        ErrorCode.JSON_TOO_DEEP,
        () -> repository.manifest(repository.resolve("deep").orElseThrow()));
  }

  @Test
  void aManifestWithAKeyTwiceIsRefused() {
    byte[] bytes = "{\"schemaVersion\":2,\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8);
    registry.putManifest("app", Digest.sha256(bytes).toString(), MediaTypes.OCI_MANIFEST, bytes);

    assertFails(
        ErrorCode.JSON_DUPLICATE_KEY,
        () -> repository.manifest(Descriptor.of(MediaTypes.OCI_MANIFEST, bytes)));
  }

  @Test
  void listsArePutTogetherFromTheirPages() {
    registry.pageSize(2);
    publish();
    for (int i = 0; i < 5; i++) {
      repository.pushManifest(image.manifest(), List.of("t" + i));
      SampleImage.attach(repository, image.descriptor(), "type/x", "note " + i);
    }

    assertThat(repository.tags()).containsExactly("1.0", "t0", "t1", "t2", "t3", "t4");
    assertThat(repository.referrers(image.digest(), Optional.empty())).hasSize(5);
  }

  @Test
  void pagesThatGoInCirclesEnd() {
    publish();
    registry.with(
        Fault.header("Link", "</v2/app/tags/list?n=1>; rel=\"next\"").on("GET", "/tags/").always());

    assertFails(ErrorCode.REGISTRY_PROTOCOL, () -> repository.tags());
  }

  @Test
  void aPageElsewhereIsNotFetched() {
    publish();
    registry.with(
        Fault.header("Link", "<http://127.0.0.1:1/v2/app/tags/list>; rel=\"next\"")
            .on("GET", "/tags/"));

    assertFails(ErrorCode.REGISTRY_PROTOCOL, () -> repository.tags());
  }

  @Test
  void theFilterIsAppliedHereIfTheRegistryDoesNot() {
    publish();
    SampleImage.attach(repository, image.descriptor(), "type/a", "a");
    Manifest wanted = SampleImage.attach(repository, image.descriptor(), "type/b", "b");
    byte[] all =
        Manifest.index(repository.referrers(image.digest(), Optional.empty()), Map.of()).bytes();
    registry.with(Fault.replace(any -> all).on("GET", "/referrers/").always());

    assertThat(repository.referrers(image.digest(), Optional.of("type/b")))
        .extracting(Descriptor::digest)
        .containsExactly(wanted.descriptor().digest());
  }

  @Test
  void anEntryWithoutArtifactTypeIsLookedUp() {
    registry.withoutReferrersApi();
    publish();
    Manifest referrer = SampleImage.attach(repository, image.descriptor(), "type/a", "a");
    Manifest bare = Manifest.index(List.of(referrer.descriptor()), Map.of());
    registry.putManifest(
        "app", "sha256-" + image.digest().hex(), MediaTypes.OCI_INDEX, bare.bytes());
    registry.putManifest(
        "app", bare.descriptor().digest().toString(), MediaTypes.OCI_INDEX, bare.bytes());

    assertThat(repository.referrers(image.digest(), Optional.of("type/a")))
        .singleElement()
        .satisfies(one -> assertThat(one.annotations()).containsEntry("note", "a"));
  }

  @Test
  void aReferrerThatCannotBeReadIsOfNoTypeButListed() {
    registry.withoutReferrersApi();
    publish();
    Manifest good = SampleImage.attach(repository, image.descriptor(), "type/a", "a");
    byte[] broken = "{\"schemaVersion\": 2, \"config\": {}, \"config\": {}}".getBytes(UTF_8);
    Descriptor unreadable = Descriptor.of(MediaTypes.OCI_MANIFEST, broken);
    registry.putManifest("app", unreadable.digest().toString(), MediaTypes.OCI_MANIFEST, broken);
    Manifest list = Manifest.index(List.of(unreadable, good.descriptor()), Map.of());
    registry.putManifest(
        "app", "sha256-" + image.digest().hex(), MediaTypes.OCI_INDEX, list.bytes());
    registry.putManifest(
        "app", list.descriptor().digest().toString(), MediaTypes.OCI_INDEX, list.bytes());

    assertThat(repository.referrers(image.digest(), Optional.of("type/a"))).hasSize(1);
    assertThat(repository.referrers(image.digest(), Optional.empty())).hasSize(2);
  }

  @Test
  void aHeadWithoutDigestIsReplacedByAGet() {
    publish();
    registry.with(Fault.status(405).on("HEAD", "/manifests/"));

    assertThat(repository.resolve("1.0")).contains(image.descriptor());
  }

  @Test
  void aSlowRegistryIsWaitedFor() throws IOException {
    publish();
    registry.with(Fault.slow(Duration.ofMillis(150)).on("GET", "/blobs/"));

    assertThat(pull(image.layer(0))).isEqualTo(image.layers().get(0));
  }

  @Test
  void anUploadWithoutALocationIsNonsense() {
    registry.with(Fault.status(202).on("POST", "/blobs/uploads/"));

    assertFails(ErrorCode.REGISTRY_PROTOCOL, this::publish);
  }

  @Test
  void aMissingBlobIsToldFromAMissingRepository() {
    registry.with(
        Fault.status(404)
            .on("GET", "/blobs/")
            .body("{\"errors\":[{\"code\":\"NAME_UNKNOWN\",\"message\":\"no such repository\"}]}"));

    assertFails(ErrorCode.REPOSITORY_NOT_FOUND, () -> pull(image.layer(0)));
    assertFails(ErrorCode.REPOSITORY_NOT_FOUND, () -> repository.tags());
  }
}
