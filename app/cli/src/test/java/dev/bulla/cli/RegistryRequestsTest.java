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
  private static final FaultyRegistry OLD = FaultyRegistry.start().withoutReferrersApi();
  @TempDir static Path temp;
  private static Caller caller;

  @BeforeAll
  static void publish() {
    caller = new Caller(temp.resolve("home"), temp);
    publish(REGISTRY);
    publish(OLD);
  }

  private static void publish(FaultyRegistry registry) {
    byte[] config = "{}".getBytes(StandardCharsets.UTF_8);
    Descriptor blob = Descriptor.of(MediaTypes.OCI_CONFIG, config);
    Manifest image = Manifest.image(blob, List.of(), Optional.empty(), Optional.empty(), Map.of());
    try (RegistryClient client = RegistryClient.builder().build()) {
      Repository app = client.repository(Reference.parse(registry.host() + "/app"));
      app.pushBlob(blob, BlobSource.of(config));
      app.pushManifest(image, List.of("1"));
    }
    run("sign --format cosign HOST/app:1", registry).ok();
    run("sign --format notation HOST/app:1", registry).ok();
  }

  @AfterAll
  static void stop() {
    REGISTRY.close();
    OLD.close();
  }

  private static Ran run(String line, FaultyRegistry registry) {
    return caller.run(line.replace("HOST", registry.host()).split(" +"));
  }

  /**
   * Whether a registry on this machine speaks plain HTTP shows with the first of them. Where there
   * is no list of referrers, asking for it and reading the one under a tag are two.
   */
  @ParameterizedTest
  @CsvSource({
    "true, --key home/keys/signing.pub, 4",
    "true, --trust-policy home/trust/trustpolicy.json --trust-store home/trust/truststore, 4",
    "false, --key home/keys/signing.pub, 5",
    "false, --trust-policy home/trust/trustpolicy.json --trust-store home/trust/truststore, 5",
  })
  void oneSignatureTakesAtMostFive(boolean listed, String trust, int most) {
    FaultyRegistry registry = listed ? REGISTRY : OLD;
    int before = registry.requests().size();

    run("verify " + trust + " HOST/app:1", registry).ok();

    List<FaultyRegistry.Request> made =
        registry.requests().subList(before, registry.requests().size());
    assertThat(made).hasSizeLessThanOrEqualTo(most);
  }
}
