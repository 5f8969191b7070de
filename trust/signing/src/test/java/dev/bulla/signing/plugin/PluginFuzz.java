package dev.bulla.signing.plugin;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Answers of plugins are read or refused, whatever their bytes. */
class PluginFuzz {
  @FuzzTest(maxDuration = "10s")
  void metadata(byte[] bytes) {
    readOrRefused(bytes, answer -> PluginMetadata.read(answer, "acme"));
  }

  @FuzzTest(maxDuration = "10s")
  void signatures(byte[] bytes) {
    readOrRefused(bytes, RawSignature::read);
  }

  @FuzzTest(maxDuration = "10s")
  void verifications(byte[] bytes) {
    readOrRefused(bytes, VerifiedByPlugin::read);
  }

  @FuzzTest(maxDuration = "10s")
  void versions(byte[] bytes) {
    SemanticVersion.parse(new String(bytes, StandardCharsets.UTF_8))
        .ifPresent(version -> {
          if (version.compareTo(version) != 0) {
            throw new AssertionError(version + " is not itself");
          }
        });
  }

  private static void readOrRefused(byte[] bytes, Consumer<Fields> reading) {
    try {
      reading.accept(Fields.of(Json.parse(bytes, "answer"), "answer"));
    } catch (BullaException e) {
      e.code();
    }
  }
}
