package dev.bulla.oci;

import static dev.bulla.oci.RepositoryContract.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Platform;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeImageTest {
  @TempDir Path dir;

  private static Descriptor attestation(int seed, String about, String platform) {
    return SampleImage.of(seed)
        .descriptor()
        .withPlatform(Platform.parse(platform))
        .withAnnotations(
            Map.of(
                "vnd.docker.reference.type",
                "attestation-manifest",
                "vnd.docker.reference.digest",
                about));
  }

  private static Manifest index(Repository layout, Descriptor... children) {
    Manifest index = Manifest.index(List.of(children), Map.of());
    layout.pushManifest(index, List.of());
    return index;
  }

  private static List<String> names(Repository layout, Manifest root) {
    return WholeImage.of(layout, root.descriptor()).parts().stream()
        .map(WholeImage.Part::name)
        .toList();
  }

  @Test
  void partsComeInTheOrderOfTheIndexAndNestedOnesRightAfterTheirIndex() {
    Repository layout = Layout.create(dir);
    Descriptor amd64 = SampleImage.of(1).descriptor().withPlatform(Platform.parse("linux/amd64"));
    Descriptor arm = SampleImage.of(2).descriptor().withPlatform(Platform.parse("linux/arm/v7"));
    Manifest inner = index(layout, arm, SampleImage.of(3).descriptor());
    Manifest outer = index(layout, amd64, inner.descriptor(), amd64);

    assertThat(names(layout, outer))
        .containsExactly(
            "index",
            "linux/amd64",
            "index " + inner.descriptor().digest().shortHex(),
            "linux/arm/v7",
            "image " + SampleImage.of(3).digest().shortHex(),
            "linux/amd64");
    assertThat(names(layout, SampleImage.of(1).manifest())).containsExactly("image");
  }

  @Test
  void onlyWhatIsForNoPlatformAndNamesAnImageBesideItIsAnAttestation() {
    Repository layout = Layout.create(dir);
    Descriptor amd64 = SampleImage.of(1).descriptor().withPlatform(Platform.parse("linux/amd64"));
    Manifest index =
        index(
            layout,
            amd64,
            attestation(2, amd64.digest().toString(), "unknown/unknown"),
            attestation(3, amd64.digest().toString(), "linux/arm64"),
            attestation(4, SampleImage.of(9).digest().toString(), "unknown/unknown"),
            attestation(5, "no digest", "unknown/unknown"));

    assertThat(WholeImage.of(layout, index.descriptor()).parts())
        .extracting(WholeImage.Part::kind)
        .containsExactly(
            WholeImage.Kind.INDEX,
            WholeImage.Kind.IMAGE,
            WholeImage.Kind.ATTESTATION,
            WholeImage.Kind.IMAGE,
            WholeImage.Kind.IMAGE,
            WholeImage.Kind.IMAGE);
  }

  @Test
  void nestingHasALimitOfItsOwn() {
    Repository layout = Layout.create(dir);
    Manifest index = index(layout, SampleImage.of(1).descriptor());
    for (int depth = 1; depth < WholeImage.MAX_DEPTH; depth++) {
      index = index(layout, index.descriptor());
    }
    assertThat(names(layout, index)).hasSize(WholeImage.MAX_DEPTH + 1);
    Manifest deeper = index(layout, index.descriptor());

    assertFails(ErrorCode.INPUT_TOO_LARGE, () -> WholeImage.of(layout, deeper.descriptor()));
  }
}
