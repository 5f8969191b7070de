package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Descriptor;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Reference;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import dev.bulla.testkit.FaultyRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How often a registry is asked for one image; a registry far away takes its time for each. */
class RegistryRequestsTest {
  private static final FaultyRegistry REGISTRY = FaultyRegistry.start();
  @TempDir static Path temp;
  private static Caller caller;

  @BeforeAll
  static void publish() {
    caller = new Caller(temp.resolve("home"), temp);
    byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
    Descriptor blob = Descriptor.of(MediaTypes.OCI_CONFIG, config);
    Manifest image = Manifest.image(blob, List.of(), Optional.empty(), Optional.empty(), Map.of());
    try (RegistryClient client = RegistryClient.builder().build()) {
      Repository app = client.repository(Reference.parse(REGISTRY.host() + "/app"));
      app.pushBlob(blob, BlobSource.of(config));
      app.pushManifest(image, List.of("1"));
    }
    run("sign --format cosign HOST/app:1").ok();
    run("sign --format notation HOST/app:1").ok();
  }

  @AfterAll
  static void stop() {
    REGISTRY.close();
  }

  private static Ran run(String line) {
    return caller.run(line.replace("HOST", REGISTRY.host()).split(" +"));
  }

  /** One of them finds out whether a registry on this machine speaks plain HTTP. */
  @ParameterizedTest
  @CsvSource({
    "--key home/keys/signing.pub, 5",
    "--trust-policy home/trust/trustpolicy.json --trust-store home/trust/truststore, 5",
  })
  void oneSignatureTakesAtMostFive(String trust, int most) {
    int before = REGISTRY.requests().size();

    run("verify " + trust + " HOST/app:1").ok();

    List<FaultyRegistry.Request> made =
        REGISTRY.requests().subList(before, REGISTRY.requests().size());
    assertThat(made).hasSizeLessThanOrEqualTo(most);
  }
}
