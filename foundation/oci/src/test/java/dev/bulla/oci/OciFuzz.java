package dev.bulla.oci;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import dev.bulla.core.MediaTypes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Every parser of bytes that strangers send: they may be refused, with a code, and nothing else may
 * happen.
 */
class OciFuzz {

  @FuzzTest(maxDuration = "30s")
  void manifest(byte[] data) {
    try {
      Manifest manifest = Manifest.parse(data, MediaTypes.OCI_MANIFEST);
      assertThat(manifest.bytes()).isEqualTo(data);
    } catch (BullaException e) {
      assertThat(e.reason()).isNotEmpty();
    }
  }

  @FuzzTest(maxDuration = "30s")
  void layoutIndex(byte[] data) {
    try {
      LayoutIndex index = LayoutIndex.parse(data, "index");
      assertThat(LayoutIndex.parse(index.toJson(), "again").manifests())
          .isEqualTo(index.manifests());
    } catch (BullaException e) {
      assertThat(e.reason()).isNotEmpty();
    }
  }

  @FuzzTest(maxDuration = "30s")
  void imageConfig(byte[] data) {
    try {
      assertThat(ImageConfig.parse(data).platform()).isNotNull();
    } catch (BullaException e) {
      assertThat(e.reason()).isNotEmpty();
    }
  }

  @FuzzTest(maxDuration = "30s")
  void tarEntries(byte[] data) throws IOException {
    Path file = Files.createTempFile("bulla-fuzz-", ".tar");
    try {
      Files.write(file, data);
      try (var channel = Files.newByteChannel(file)) {
        TarEntries.list(channel, "archive")
            .forEach((name, place) -> {
              assertThat(name).doesNotStartWith("/").doesNotContain("..\\", "/../");
              assertThat(place.offset() + place.size()).isLessThanOrEqualTo(data.length);
            });
      }
    } catch (BullaException e) {
      assertThat(e.reason()).isNotEmpty();
    } finally {
      Files.delete(file);
    }
  }

  @FuzzTest(maxDuration = "30s")
  void headers(byte[] data) {
    String text = new String(data, StandardCharsets.ISO_8859_1);
    Challenge.choose(List.of(text)).ifPresent(one -> assertThat(one.scheme()).isNotEmpty());
    Links.next(List.of(text)).ifPresent(next -> assertThat(text).contains(next));
  }

  @FuzzTest(maxDuration = "30s")
  void location(byte[] data) {
    String text = new String(data, StandardCharsets.UTF_8);
    for (boolean layout : new boolean[] {true, false}) {
      try {
        ImageLocation location = ImageLocation.parse(text, layout);
        assertThat(ImageLocation.parse(location.toString(), layout)).isEqualTo(location);
      } catch (BullaException e) {
        assertThat(e.reason()).isNotEmpty();
      }
    }
  }
}
