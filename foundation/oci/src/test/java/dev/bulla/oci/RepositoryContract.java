package dev.bulla.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What every writable repository does. */
abstract class RepositoryContract {

  /** A repository that is empty at the beginning of each test. */
  abstract Repository repository();

  static void assertFails(ErrorCode code, ThrowingCallable action) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(BullaException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void returnsExactlyTheBytesThatWerePushed() throws IOException {
    SampleImage image = SampleImage.of(1);
    image.pushTo(repository(), "1.0");

    Descriptor found = repository().resolve("1.0").orElseThrow();
    assertThat(found).isEqualTo(image.descriptor());
    assertThat(repository().manifest(found).bytes()).isEqualTo(image.manifest().bytes());
    try (InputStream in = repository().blob(image.layer(1))) {
      assertThat(in.readAllBytes()).isEqualTo(image.layers().get(1));
    }
    assertThat(repository().blobBytes(image.manifest().config().orElseThrow(), 4096))
        .isEqualTo(image.config());
  }

  @Test
  void resolvesDigestsAndTagsAndNothingElse() {
    SampleImage image = SampleImage.of(1);
    image.pushTo(repository(), "a", "b");

    assertThat(repository().resolve(image.digest().toString())).contains(image.descriptor());
    assertThat(repository().resolve("b")).contains(image.descriptor());
    assertThat(repository().resolve("c")).isEmpty();
    assertThat(repository().resolve(Digest.sha256(new byte[1]).toString())).isEmpty();
    assertThat(repository().tags()).containsExactly("a", "b");
  }

  @Test
  void movesATag() {
    SampleImage.of(1).pushTo(repository(), "latest");
    SampleImage second = SampleImage.of(2);
    second.pushTo(repository(), "latest");

    assertThat(repository().resolve("latest")).contains(second.descriptor());
    assertThat(repository().resolve(SampleImage.of(1).digest().toString())).isPresent();
    assertThat(repository().tags()).containsExactly("latest");
  }

  @Test
  void listsReferrersOfASubjectByType() {
    SampleImage image = SampleImage.of(1);
    image.pushTo(repository(), "1.0");
    Manifest first = SampleImage.attach(repository(), image.descriptor(), "type/a", "first");
    Manifest second = SampleImage.attach(repository(), image.descriptor(), "type/b", "second");
    SampleImage.attach(repository(), first.descriptor(), "type/a", "about the first");

    assertThat(repository().referrers(image.digest(), Optional.empty()))
        .extracting(Descriptor::digest)
        .containsExactlyInAnyOrder(first.descriptor().digest(), second.descriptor().digest());
    List<Descriptor> filtered = repository().referrers(image.digest(), Optional.of("type/b"));
    assertThat(filtered).hasSize(1);
    assertThat(filtered.getFirst().artifactType()).contains("type/b");
    assertThat(filtered.getFirst().annotations()).containsEntry("note", "second");
    assertThat(repository().referrers(SampleImage.of(9).digest(), Optional.empty())).isEmpty();
  }

  @Test
  void aReferrerWithoutArtifactTypeIsOfItsConfigsType() {
    SampleImage image = SampleImage.of(1);
    image.pushTo(repository(), "1.0");
    Descriptor config = Descriptor.of(MediaTypes.NOTATION_SIGNATURE, SampleImage.EMPTY);
    repository().pushBlob(config, BlobSource.of(SampleImage.EMPTY));
    Manifest signature =
        Manifest.image(
            config, List.of(), Optional.empty(), Optional.of(image.descriptor()), Map.of());
    repository().pushManifest(signature, List.of());

    assertThat(repository().referrers(image.digest(), Optional.of(MediaTypes.NOTATION_SIGNATURE)))
        .extracting(Descriptor::digest)
        .containsExactly(signature.descriptor().digest());
  }

  @Test
  void aReferrerMayComeBeforeItsSubject() {
    SampleImage image = SampleImage.of(1);
    Manifest early = SampleImage.attach(repository(), image.descriptor(), "type/a", "early");

    assertThat(repository().referrers(image.digest(), Optional.empty()))
        .extracting(Descriptor::digest)
        .containsExactly(early.descriptor().digest());
  }

  @Test
  void holdsAnIndexAndItsImages() {
    Manifest index = SampleImage.index(repository(), SampleImage.of(1), SampleImage.of(2), "multi");

    Descriptor found = repository().resolve("multi").orElseThrow();
    assertThat(found.mediaType()).isEqualTo(MediaTypes.OCI_INDEX);
    assertThat(repository().manifest(found).manifests()).isEqualTo(index.manifests());
    assertThat(repository().resolve(SampleImage.of(2).digest().toString())).isPresent();
  }

  @Test
  void takesEmptyBlobsAndOtherHashes() {
    Descriptor empty = Descriptor.of("text/plain", new byte[0]);
    repository().pushBlob(empty, BlobSource.of(new byte[0]));
    assertThat(repository().hasBlob(empty)).isTrue();
    assertThat(repository().blobBytes(empty, 10)).isEmpty();

    byte[] content = {1, 2, 3};
    Digest digest = Digest.of(Digest.Algorithm.SHA512, content);
    Descriptor long512 = new Descriptor("text/plain", digest, 3);
    repository().pushBlob(long512, BlobSource.of(content));
    assertThat(repository().blobBytes(long512, 10)).isEqualTo(content);
  }

  @Test
  void refusesContentThatIsNotWhatItIsCalled() {
    Descriptor wrong = new Descriptor("text/plain", Digest.sha256(new byte[] {9}), 3);

    assertFails(
        ErrorCode.DIGEST_MISMATCH,
        () -> repository().pushBlob(wrong, BlobSource.of(new byte[] {1, 2, 3})));
    assertThat(repository().hasBlob(wrong)).isFalse();
  }

  @Test
  void saysWhatIsMissing() {
    SampleImage image = SampleImage.of(7);
    image.pushTo(repository(), "1.0");
    SampleImage absent = SampleImage.of(8);

    assertThat(repository().hasBlob(absent.layer(0))).isFalse();
    assertFails(
        ErrorCode.BLOB_NOT_FOUND,
        () -> {
          try (InputStream in = repository().blob(absent.layer(0))) {
            in.readAllBytes();
          }
        });
    assertFails(ErrorCode.MANIFEST_NOT_FOUND, () -> repository().manifest(absent.descriptor()));
    assertFails(ErrorCode.INPUT_TOO_LARGE, () -> repository().blobBytes(image.layer(1), 100));
  }

  @Test
  void refusesASelectorThatIsNeitherTagNorDigest() {
    assertFails(ErrorCode.DIGEST_INVALID, () -> repository().resolve("sha256:abc"));
    assertFails(
        ErrorCode.REFERENCE_INVALID,
        () -> repository().pushManifest(SampleImage.of(1).manifest(), List.of("../x")));
  }
}
