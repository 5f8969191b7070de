package dev.bulla.oci;

import static dev.bulla.oci.RepositoryContract.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.testkit.FaultyRegistry;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageLocationTest {
  private static final String DIGEST = "sha256:" + "ab".repeat(32);

  @TempDir Path dir;

  @ParameterizedTest
  @CsvSource({
    "out:v1, out, v1",
    "/a/b/out:v1.0_x, /a/b/out, v1.0_x",
    "C:/x/out:v1, C:/x/out, v1",
    "/a:b/out, /a:b/out, ",
    "/a@b/out:v1, /a@b/out, v1",
    "/a:1/b@2/out:v1, /a:1/b@2/out, v1",
    "./out, ./out, ",
    "out:, out:, ",
  })
  void findsTheTagFromTheRight(String argument, String path, String tag) {
    assertThat(ImageLocation.parse(argument, true))
        .isEqualTo(new ImageLocation.InLayout(Path.of(path), Optional.ofNullable(tag)));
  }

  @ParameterizedTest
  @CsvSource({"out, out", "/a@b:c/out, /a@b:c/out", "out:v1, out:v1"})
  void findsTheDigestFromTheRight(String before, String path) {
    assertThat(ImageLocation.parse(before + "@" + DIGEST, true))
        .isEqualTo(new ImageLocation.InLayout(Path.of(path), Optional.of(DIGEST)));
  }

  @Test
  void anythingElseIsAReference() {
    assertThat(ImageLocation.parse("localhost:5000/app:1", false))
        .isEqualTo(new ImageLocation.InRegistry(Reference.parse("localhost:5000/app:1")));
    assertFails(ErrorCode.REFERENCE_INVALID, () -> ImageLocation.parse("UPPER/:x", false));
    assertFails(ErrorCode.REFERENCE_INVALID, () -> ImageLocation.parse("", true));
  }

  @Test
  void opensALayoutByTagByDigestAndTheOnlyImage() {
    SampleImage image = SampleImage.of(1);
    Path root = dir.resolve("a:b@c");
    try (Repository layout = Layout.create(root);
        RegistryClient client = RegistryClient.builder().build()) {
      image.pushTo(layout, "v1");
      SampleImage.attach(layout, image.descriptor(), "type/sig", "s");
      for (String argument :
          new String[] {root + ":v1", root + "@" + image.digest(), root.toString()}) {
        try (ImageLocation.Opened opened = ImageLocation.parse(argument, true).open(client)) {
          assertThat(opened.descriptor()).isEqualTo(image.descriptor());
          assertThat(opened.manifest().layers()).hasSize(2);
        }
      }
      assertFails(
          ErrorCode.MANIFEST_NOT_FOUND, () -> ImageLocation.parse(root + ":v2", true).open(client));
      SampleImage.of(2).pushTo(layout, "v2");
      assertFails(
          ErrorCode.REFERENCE_INVALID,
          () -> ImageLocation.parse(root.toString(), true).open(client));
    }
  }

  @Test
  void opensAReference() {
    SampleImage image = SampleImage.of(1);
    try (FaultyRegistry registry = FaultyRegistry.start();
        RegistryClient client = RegistryClient.builder().build()) {
      String name = registry.host() + "/app";
      image.pushTo(client.repository(Reference.parse(name)), "latest");
      assertThat(ImageLocation.parse(name, false).open(client).descriptor())
          .isEqualTo(image.descriptor());
      assertFails(
          ErrorCode.MANIFEST_NOT_FOUND,
          () -> ImageLocation.parse(name + ":no", false).open(client));
    }
  }
}
