package dev.bulla.oci;

import static dev.bulla.oci.RepositoryContract.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.testkit.Fault;
import dev.bulla.testkit.FaultyRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyImageTest {
  @TempDir Path dir;
  private final FaultyRegistry registry = FaultyRegistry.start();
  private final RegistryClient client =
      RegistryClient.builder().retries(1).retryDelay(Duration.ofMillis(1)).build();

  @AfterEach
  void stop() {
    client.close();
    registry.close();
  }

  private Repository remote(String path) {
    return client.repository(Reference.parse(registry.host() + "/" + path));
  }

  private Repository layout(String name) {
    return Layout.create(dir.resolve(name));
  }

  @Test
  void copiesAnIndexWithReferrersOfReferrersThereAndBack() {
    Repository from = layout("from");
    Manifest index = SampleImage.index(from, SampleImage.of(1), SampleImage.of(2), "v1");
    Manifest signature = SampleImage.attach(from, index.descriptor(), "type/sig", "s");
    Manifest sbom = SampleImage.attach(from, SampleImage.of(2).descriptor(), "type/sbom", "b");
    Manifest onSbom = SampleImage.attach(from, sbom.descriptor(), "type/sig", "on the sbom");

    Repository middle = remote("middle");
    CopyImage.Result there =
        CopyImage.between(from, middle).withReferrers().copy(index.descriptor(), List.of("v1"));
    assertThat(there.manifests()).isEqualTo(6);
    assertThat(there.referrers()).isEqualTo(3);

    Repository back = layout("back");
    CopyImage.between(middle, back)
        .withReferrers()
        .copy(middle.resolve("v1").orElseThrow(), List.of("v1", "latest"));
    assertThat(back.resolve("latest")).contains(index.descriptor());
    assertThat(digests(back, index.descriptor())).containsExactly(signature.descriptor().digest());
    assertThat(digests(back, sbom.descriptor())).containsExactly(onSbom.descriptor().digest());
    assertThat(back.blobBytes(SampleImage.of(2).layer(1), 100_000))
        .isEqualTo(SampleImage.of(2).layers().get(1));
  }

  private static List<Digest> digests(Repository repository, Descriptor subject) {
    return repository.referrers(subject.digest(), Optional.empty()).stream()
        .map(Descriptor::digest)
        .toList();
  }

  @Test
  void doesNotSendWhatIsThere() {
    Repository from = layout("from");
    SampleImage image = SampleImage.of(1);
    image.pushTo(from, "v1");
    Repository to = remote("app");
    CopyImage copy = CopyImage.between(from, to);
    CopyImage.Result first = copy.copy(image.descriptor(), List.of("v1"));
    CopyImage.Result second = copy.copy(image.descriptor(), List.of("v1"));

    assertThat(first).isEqualTo(new CopyImage.Result(3, 0, 0, 1, 0, 0, first.bytes()));
    assertThat(first.bytes()).isEqualTo(75_000 + image.config().length);
    assertThat(second).isEqualTo(new CopyImage.Result(0, 0, 3, 0, 1, 0, 0));
  }

  @Test
  void mountsWithinARegistryAndUploadsWhereItCannot() {
    SampleImage image = SampleImage.of(1);
    image.pushTo(remote("a"), "v1");
    CopyImage.Result mounted =
        CopyImage.between(remote("a"), remote("b")).copy(image.descriptor(), List.of("v1"));
    registry.withoutMount();
    CopyImage.Result uploaded =
        CopyImage.between(remote("a"), remote("c")).copy(image.descriptor(), List.of("v1"));

    assertThat(mounted.mounted()).isEqualTo(3);
    assertThat(mounted.bytes()).isZero();
    assertThat(uploaded.blobs()).isEqualTo(3);
    assertThat(remote("c").blobBytes(image.layer(0), 10_000)).isEqualTo(image.layers().get(0));
  }

  @Test
  void aBlobThatCannotBeHadStopsTheCopyBeforeTheManifest() {
    SampleImage image = SampleImage.of(1);
    image.pushTo(remote("a"), "v1");
    registry.with(Fault.corrupt().on("GET", "/a/blobs/" + image.layer(1).digest()).always());
    Repository to = layout("to");

    assertFails(
        ErrorCode.DIGEST_MISMATCH,
        () -> CopyImage.between(remote("a"), to).copy(image.descriptor(), List.of("v1")));
    assertThat(to.resolve("v1")).isEmpty();
    assertThat(to.hasBlob(image.layer(1))).isFalse();
  }

  @Test
  void aDamagedLocalBlobIsNotAcceptedElsewhere() throws Exception {
    SampleImage image = SampleImage.of(1);
    Repository from = layout("from");
    image.pushTo(from, "v1");
    byte[] changed = image.layers().get(0).clone();
    changed[0] ^= 1;
    java.nio.file.Files.write(
        dir.resolve("from").resolve(LayoutRepository.blobName(image.layer(0).digest())), changed);

    assertFails(
        ErrorCode.DIGEST_MISMATCH,
        () -> CopyImage.between(from, remote("a")).copy(image.descriptor(), List.of("v1")));
    assertThat(registry.manifest("a", "v1")).isEmpty();
  }

  @Test
  void progressEndsAtTheSizeOfEachBlob() {
    SampleImage image = SampleImage.of(1);
    Repository from = layout("from");
    image.pushTo(from, "v1");
    Map<Digest, Long> done = new ConcurrentHashMap<>();
    Map<Digest, Boolean> finished = new ConcurrentHashMap<>();
    Progress progress =
        new Progress() {
          @Override
          public void advanced(Descriptor blob, long bytes) {
            done.merge(blob.digest(), bytes, Math::max);
          }

          @Override
          public void finished(Descriptor blob, boolean copied) {
            finished.put(blob.digest(), copied);
          }
        };
    CopyImage.between(from, remote("a")).progress(progress).copy(image.descriptor(), List.of("v1"));

    assertThat(done).containsEntry(image.layer(1).digest(), 70_000L);
    assertThat(finished).hasSize(4).containsEntry(image.digest(), true);
  }

  @Test
  void layersThatAreNotDistributedStayWhereTheyAre() {
    SampleImage image = SampleImage.of(1, 10);
    Descriptor foreign =
        new Descriptor(
            "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
            Digest.sha256(new byte[] {9}),
            1);
    Manifest manifest =
        Manifest.image(
            image.manifest().config().orElseThrow(),
            List.of(foreign, image.layer(0)),
            Optional.empty(),
            Optional.empty(),
            Map.of());
    Repository from = layout("from");
    image.pushTo(from);
    from.pushManifest(manifest, List.of("windows"));
    Repository to = layout("to");
    CopyImage.between(from, to).copy(manifest.descriptor(), List.of("windows"));

    assertThat(to.resolve("windows")).isPresent();
    assertThat(to.hasBlob(foreign)).isFalse();
  }
}
