package dev.bulla.oci;

import static dev.bulla.oci.RepositoryContract.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Platform;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Image configurations and the choice of a platform. */
class ImageConfigTest {

  private static ImageConfig parse(String json) {
    return ImageConfig.parse(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsWhatBuildersWrite() {
    String diffId = "sha256:" + "1".repeat(64);
    ImageConfig config =
        parse(
            """
            {"architecture":"arm64","os":"linux","variant":"v8","created":"2026-11-20T10:00:00.123+01:00",
             "author":"x","unknown":{"deep":[1]},
             "config":{"User":"1000:1000","ExposedPorts":{"9090/udp":{},"8080/tcp":{}},
               "Env":["PATH=/bin","A=b"],"Entrypoint":["/app"],"Cmd":null,"WorkingDir":"/w",
               "Labels":{"b":"2","a":"1"},"Volumes":{"/data":{}}},
             "rootfs":{"type":"layers","diff_ids":["%s"]},
             "history":[{"created":"2026-11-20T09:00:00Z","created_by":"COPY"},{"empty_layer":true}]}\
            """
                .formatted(diffId));

    assertThat(config.platform()).contains(new Platform("linux", "arm64", Optional.of("v8")));
    assertThat(config.created()).contains(Instant.parse("2026-11-20T09:00:00.123Z"));
    assertThat(config.user()).isEqualTo("1000:1000");
    assertThat(config.exposedPorts()).containsExactly("8080/tcp", "9090/udp");
    assertThat(config.env()).containsExactly("PATH=/bin", "A=b");
    assertThat(config.entrypoint()).containsExactly("/app");
    assertThat(config.cmd()).isEmpty();
    assertThat(config.workingDir()).isEqualTo("/w");
    assertThat(config.labels()).containsExactly(Map.entry("b", "2"), Map.entry("a", "1"));
    assertThat(config.diffIds()).containsExactly(Digest.parse(diffId));
    assertThat(config.history())
        .extracting(ImageConfig.History::emptyLayer)
        .containsExactly(false, true);
  }

  @Test
  void aConfigWithPlatformOnlyIsEnough() {
    ImageConfig config = parse("{\"architecture\":\"amd64\",\"os\":\"linux\"}");
    assertThat(config.created()).isEmpty();
    assertThat(config.diffIds()).isEmpty();
    assertThat(parse("{\"architecture\":\"\",\"os\":\"\"}").platform())
        .as("crane append")
        .isEmpty();
  }

  @Test
  void whatHasTheWrongKindIsRefused() {
    for (String bad :
        List.of(
            "{\"architecture\":\"amd64\"}",
            "{\"architecture\":\"amd64\",\"os\":\"linux\",\"created\":\"yesterday\"}",
            "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Env\":\"A=b\"}}",
            "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"diff_ids\":[\"md5:1\"]}}",
            "[]")) {
      assertFails(ErrorCode.MANIFEST_INVALID, () -> parse(bad));
    }
  }

  private static Manifest index(Platform... platforms) {
    List<Descriptor> all = new java.util.ArrayList<>();
    for (int i = 0; i < platforms.length; i++) {
      all.add(SampleImage.of(i).descriptor().withPlatform(platforms[i]));
    }
    return Manifest.index(all, Map.of());
  }

  @Test
  void choosesTheImageOfThePlatform() {
    Manifest index =
        index(
            new Platform("linux", "amd64"),
            new Platform("linux", "arm64", Optional.of("v8")),
            new Platform("linux", "arm", Optional.of("v6")),
            new Platform("linux", "arm", Optional.of("v7")),
            new Platform("unknown", "unknown"));
    assertThat(Platforms.select(index, Platform.parse("linux/arm64")).digest())
        .isEqualTo(SampleImage.of(1).digest());
    assertThat(Platforms.select(index, Platform.parse("linux/arm64/v8")).digest())
        .isEqualTo(SampleImage.of(1).digest());
    assertThat(Platforms.select(index, Platform.parse("linux/arm/v7")).digest())
        .isEqualTo(SampleImage.of(3).digest());
    assertFails(
        ErrorCode.PLATFORM_NOT_FOUND,
        () -> Platforms.select(index, Platform.parse("windows/amd64")));
    assertFails(
        ErrorCode.PLATFORM_NOT_FOUND,
        () -> Platforms.select(index, Platform.parse("linux/arm/v5")));
  }

  @Test
  void anImageIsItsOwnAnswer() {
    Manifest image = SampleImage.of(1).manifest();
    assertThat(Platforms.select(image, Platform.parse("linux/s390x")))
        .isEqualTo(image.descriptor());
  }
}
