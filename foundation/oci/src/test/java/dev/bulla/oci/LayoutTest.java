package dev.bulla.oci;

import static dev.bulla.oci.RepositoryContract.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layout directories: what others wrote, what is damaged, what two writers do. */
class LayoutTest {
  @TempDir Path dir;
  private Path root;
  private final SampleImage image = SampleImage.of(1);

  @BeforeEach
  void create() {
    root = dir.resolve("layout");
    try (Repository layout = Layout.create(root)) {
      image.pushTo(layout, "1.0");
    }
  }

  private Path blob(Descriptor descriptor) {
    return root.resolve(LayoutRepository.blobName(descriptor.digest()));
  }

  private void index(String json) throws IOException {
    Files.writeString(root.resolve("index.json"), json);
  }

  @Test
  void leavesOnlyWhatBelongsToALayout() throws IOException {
    try (Stream<Path> files = Files.list(root)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("oci-layout", "index.json", "blobs");
    }
    assertThat(Files.readString(root.resolve("oci-layout")))
        .isEqualTo("{\"imageLayoutVersion\":\"1.0.0\"}");
  }

  @Test
  void aBlobThatWasChangedIsRefused() throws IOException {
    byte[] bytes = image.layers().get(0).clone();
    bytes[10] ^= 1;
    Files.write(blob(image.layer(0)), bytes);
    try (Repository layout = Layout.open(root)) {
      assertFails(ErrorCode.DIGEST_MISMATCH, () -> layout.blobBytes(image.layer(0), 100_000));
    }
    Files.write(blob(image.layer(0)), new byte[3]);
    try (Repository layout = Layout.open(root)) {
      assertFails(ErrorCode.SIZE_MISMATCH, () -> layout.blobBytes(image.layer(0), 100_000));
    }
  }

  @Test
  void aManifestThatWasChangedIsRefused() throws IOException {
    String manifest = new String(image.manifest().bytes(), java.nio.charset.StandardCharsets.UTF_8);
    Files.writeString(blob(image.descriptor()), manifest.replace("\"size\":5000", "\"size\":5001"));
    try (Repository layout = Layout.open(root)) {
      Descriptor found = layout.resolve("1.0").orElseThrow();
      assertFails(ErrorCode.DIGEST_MISMATCH, () -> layout.manifest(found));
      assertFails(
          ErrorCode.DIGEST_MISMATCH, () -> layout.referrers(image.digest(), Optional.empty()));
    }
  }

  @Test
  void anIndexThatIsNoneIsRefused() throws IOException {
    index("{\"schemaVersion\":2,\"manifests\":[],\"manifests\":[]}");
    assertFails(ErrorCode.JSON_DUPLICATE_KEY, () -> Layout.open(root));
    index("{\"schemaVersion\":2,\"x\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}");
    assertFails(ErrorCode.JSON_TOO_DEEP, () -> Layout.open(root));
    index("{\"schemaVersion\":1,\"manifests\":[]}");
    assertFails(ErrorCode.LAYOUT_INVALID, () -> Layout.open(root));
    index("{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"sha256:00\"}]}");
    assertFails(ErrorCode.LAYOUT_INVALID, () -> Layout.open(root));
    index("{\"schemaVersion\":2,\"manifests\":{}}");
    assertFails(ErrorCode.LAYOUT_INVALID, () -> Layout.open(root));
    index("{\"schemaVersion\":2,\"manifests\":[]} trailing");
    assertFails(ErrorCode.JSON_MALFORMED, () -> Layout.open(root));
  }

  @Test
  void whatIsNoLayoutIsRefused() throws IOException {
    assertFails(ErrorCode.FILE_NOT_FOUND, () -> Layout.open(dir.resolve("nowhere")));
    Path other = Files.createDirectory(dir.resolve("other"));
    Files.writeString(other.resolve("precious.txt"), "mine");
    assertFails(ErrorCode.LAYOUT_INVALID, () -> Layout.open(other));
    assertFails(ErrorCode.LAYOUT_INVALID, () -> Layout.create(other));
    assertThat(other.resolve("precious.txt")).hasContent("mine");
    Files.writeString(root.resolve("oci-layout"), "{\"imageLayoutVersion\":\"2.0.0\"}");
    assertFails(ErrorCode.LAYOUT_INVALID, () -> Layout.open(root));
  }

  @Test
  void readingRefusesToWrite() {
    try (Repository layout = Layout.open(root)) {
      assertFails(ErrorCode.USAGE, () -> SampleImage.of(2).pushTo(layout, "2.0"));
    }
  }

  @Test
  void aBlobIsInvisibleUntilItIsWhole() throws IOException {
    byte[] content = new byte[100];
    Descriptor descriptor = Descriptor.of("text/plain", content);
    try (Repository layout = Layout.create(root)) {
      BlobSource broken =
          () ->
              new InputStream() {
                private int left = 50;

                @Override
                public int read() throws IOException {
                  if (left == 0) {
                    throw new IOException("the cable was cut");
                  }
                  left--;
                  return 0;
                }
              };
      assertThatThrownBy(() -> layout.pushBlob(descriptor, broken))
          .isInstanceOf(BullaException.class)
          .hasMessageContaining("the cable was cut");
      assertThat(layout.hasBlob(descriptor)).isFalse();
    }
    leavesOnlyWhatBelongsToALayout();
  }

  @Test
  void whatOthersWroteIntoTheIndexSurvives() throws IOException {
    String entry =
        """
        {"schemaVersion":2,"custom":"kept","manifests":[{"mediaType":"application/vnd.other+json",
        "digest":"%s","size":5000,"urls":["https://x"],"annotations":{"kind":"theirs"}}]}\
        """
            .formatted(image.layer(0).digest());
    index(entry);
    try (Repository layout = Layout.create(root)) {
      layout.pushManifest(image.manifest(), List.of("2.0"));
      assertThat(layout.referrers(image.digest(), Optional.empty())).isEmpty();
    }
    var written = Json.parse(Files.readAllBytes(root.resolve("index.json")), "index");
    assertThat(written.path("custom").asString()).isEqualTo("kept");
    assertThat(written.path("manifests").path(0).path("urls").path(0).asString())
        .isEqualTo("https://x");
    assertThat(written.path("manifests").size()).isEqualTo(2);
  }

  @Test
  void childrenOfAnIndexAreNotListedBesideIt() {
    try (Repository layout = Layout.create(root)) {
      SampleImage.index(layout, SampleImage.of(2), SampleImage.of(3), "multi");
      assertThat(((LayoutRepository) layout).listed()).hasSize(2); // 1.0 and multi
      assertThat(layout.resolve(SampleImage.of(2).digest().toString())).isPresent();
    }
  }

  @Test
  void manyWritersLoseNothing() {
    try (Repository layout = Layout.create(root);
        Repository second = Layout.create(root);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 20; i++) {
        Repository mine = i % 2 == 0 ? layout : second;
        int number = i;
        threads.submit(() -> SampleImage.of(100 + number, 10).pushTo(mine, "t" + number));
      }
    }
    try (Repository layout = Layout.open(root)) {
      assertThat(layout.tags()).hasSize(21);
    }
  }

  @Test
  void aBlobThatIsNoManifestResolvesToNothing() {
    try (Repository layout = Layout.open(root)) {
      assertThat(layout.resolve(image.layer(0).digest().toString())).isEmpty();
      Descriptor config = image.manifest().config().orElseThrow();
      assertThat(layout.resolve(config.digest().toString())).isEmpty();
    }
  }
}
