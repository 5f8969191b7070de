package dev.bulla.signing.pack;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whatever the bytes, an evidence pack is read or refused with a code. */
class PackFuzz {
  @FuzzTest(maxDuration = "30s")
  void pack(byte[] data) throws IOException {
    Path file = Files.createTempFile("bulla-fuzz-", ".tar");
    try {
      Files.write(file, data);
      EvidencePack.open(file).close();
    } catch (BullaException e) {
      assertThat(e.reason()).isNotEmpty();
    } finally {
      Files.delete(file);
    }
  }

  @FuzzTest(maxDuration = "30s")
  void manifest(byte[] data) {
    try {
      PackManifest manifest = PackManifest.parse(data);
      assertThat(PackManifest.parse(manifest.toJson())).isEqualTo(manifest);
    } catch (BullaException e) {
      assertThat(e.reason()).isNotEmpty();
    }
  }

  @FuzzTest(maxDuration = "30s")
  void name(byte[] data) {
    Path directory = Path.of("pack").toAbsolutePath();
    try {
      Path inside = EvidencePack.within(directory, new String(data, StandardCharsets.UTF_8));
      assertThat(inside.startsWith(directory)).isTrue();
    } catch (BullaException e) {
      assertThat(e.reason()).isNotEmpty();
    }
  }
}
