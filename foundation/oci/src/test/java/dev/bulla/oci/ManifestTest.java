package dev.bulla.oci;

import static dev.bulla.oci.RepositoryContract.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ManifestTest {
  private static final String BLOB =
      "{\"mediaType\":\"%s\",\"digest\":\"sha256:%s\",\"size\":2}"
          .formatted(MediaTypes.OCI_EMPTY, "0".repeat(64));

  private static Manifest parse(String json, String mediaType) {
    return Manifest.parse(json.getBytes(StandardCharsets.UTF_8), mediaType);
  }

  @Test
  void keepsTheBytesAsTheyCame() {
    String odd = "{ \"schemaVersion\": 2,\n \"config\":" + BLOB + ", \"unknown\": 1.50 }";
    Manifest manifest = parse(odd, MediaTypes.DOCKER_MANIFEST);

    assertThat(manifest.bytes()).isEqualTo(odd.getBytes(StandardCharsets.UTF_8));
    assertThat(manifest.descriptor())
        .isEqualTo(Descriptor.of(MediaTypes.DOCKER_MANIFEST, manifest.bytes()));
    assertThat(manifest.layers()).isEmpty();
  }

  @Test
  void readsBackWhatItWrites() {
    Descriptor config = Descriptor.of(MediaTypes.OCI_CONFIG, new byte[] {1});
    Descriptor layer =
        Descriptor.of(MediaTypes.OCI_LAYER_GZIP, new byte[] {2}).withAnnotations(Map.of("k", "v"));
    Descriptor subject = Descriptor.of(MediaTypes.OCI_MANIFEST, new byte[] {3});
    Manifest manifest =
        Manifest.image(
            config,
            List.of(layer),
            Optional.of("type/x"),
            Optional.of(subject.withAnnotations(Map.of("dropped", "1"))),
            Map.of("b", "2", "a", "1"));

    assertThat(manifest.config()).contains(config);
    assertThat(manifest.layers()).containsExactly(layer);
    assertThat(manifest.subject()).contains(subject);
    assertThat(manifest.effectiveArtifactType()).contains("type/x");
    assertThat(manifest.annotations()).containsEntry("a", "1").containsEntry("b", "2");
  }

  @Test
  void refusesWhatIsAmbiguousOrIncomplete() {
    String config = "\"config\":" + BLOB;
    Map<String, String> bad =
        Map.of(
            "{\"schemaVersion\":1," + config + "}",
            MediaTypes.OCI_MANIFEST,
            "{\"schemaVersion\":2}",
            MediaTypes.OCI_MANIFEST,
            "{\"schemaVersion\":2," + config + ",\"manifests\":[]}",
            MediaTypes.OCI_MANIFEST,
            "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}",
            MediaTypes.OCI_INDEX,
            "{\"schemaVersion\":2,\"mediaType\":\"%s\",%s}".formatted(MediaTypes.OCI_INDEX, config),
            MediaTypes.OCI_MANIFEST,
            "{\"schemaVersion\":2," + config.replace("\"size\":2", "\"size\":-1") + "}",
            MediaTypes.OCI_MANIFEST);
    bad.forEach((json, type) ->
        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> parse(json, type)))
            .as(json)
            .isInstanceOf(dev.bulla.core.BullaException.class));
    assertFails(
        ErrorCode.JSON_DUPLICATE_KEY,
        () ->
            parse("{\"schemaVersion\":2," + config + "," + config + "}", MediaTypes.OCI_MANIFEST));
    assertFails(
        ErrorCode.INPUT_TOO_LARGE,
        () -> Manifest.parse(new byte[Manifest.MAX_BYTES + 1], MediaTypes.OCI_MANIFEST));
  }

  @Test
  void knowsItselfByAnotherHashIfAsked() {
    byte[] bytes =
        ("{\"schemaVersion\":2,\"config\":" + BLOB + "}").getBytes(StandardCharsets.UTF_8);
    Manifest manifest = Manifest.parse(bytes, MediaTypes.OCI_MANIFEST, Digest.Algorithm.SHA512);
    assertThat(manifest.descriptor().digest()).isEqualTo(Digest.of(Digest.Algorithm.SHA512, bytes));
  }
}
