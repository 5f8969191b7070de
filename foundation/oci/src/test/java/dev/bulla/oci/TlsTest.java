package dev.bulla.oci;

import static dev.bulla.oci.RepositoryContract.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.testkit.Fault;
import dev.bulla.testkit.FaultyRegistry;
import dev.bulla.testkit.TestTls;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Registries on this machine that speak HTTPS. */
class TlsTest {
  @TempDir Path dir;
  private TestTls tls;
  private FaultyRegistry registry;

  @BeforeEach
  void start() {
    tls = TestTls.create(dir);
    registry = FaultyRegistry.startTls(tls.server());
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private RegistryClient.Builder client() {
    return RegistryClient.builder().retries(1).retryDelay(Duration.ofMillis(1));
  }

  private Reference app() {
    return Reference.parse(registry.host() + "/app");
  }

  @Test
  void isSpokenToInHttpsWithTheTrustThatWasGiven() {
    SampleImage image = SampleImage.of(1);
    registry.requireBasic("ann", "s3cret");
    try (RegistryClient client =
        client()
            .trust(tls.client())
            .chunkBytes(20_000)
            .credentials(
                CredentialSource.of(registry.host(), new Credential.Basic("ann", "s3cret")))
            .build()) {
      Repository repository = client.repository(app());
      image.pushTo(repository, "1.0");
      assertThat(repository.blobBytes(image.layer(1), 100_000)).isEqualTo(image.layers().get(1));
    }
  }

  @Test
  void isRefusedWithoutThatTrust() {
    try (RegistryClient client = client().build()) {
      assertThatThrownBy(() -> client.repository(app()).tags())
          .isInstanceOfSatisfying(
              BullaException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.REGISTRY_UNAVAILABLE));
    }
  }

  @Test
  void isNotSentAwayToPlainHttp() {
    try (FaultyRegistry plain = FaultyRegistry.start();
        RegistryClient client = client().trust(tls.client()).build()) {
      registry.with(
          Fault.status(307)
              .with("Location", "http://" + plain.host() + "/v2/app/tags/list")
              .on("GET", "/tags/"));
      assertFails(ErrorCode.REGISTRY_PROTOCOL, () -> client.repository(app()).tags());
      assertThat(plain.requests()).isEmpty();
    }
  }

  @Test
  void givesNoTokenServiceOnPlainHttpAPassword() {
    try (FaultyRegistry plain = FaultyRegistry.start();
        RegistryClient client =
            client()
                .trust(tls.client())
                .credentials(CredentialSource.of(registry.host(), new Credential.Basic("a", "b")))
                .build()) {
      registry.with(
          Fault.status(401)
              .with("WWW-Authenticate", "Bearer realm=\"http://" + plain.host() + "/token\"")
              .on("GET", "/tags/"));
      assertFails(ErrorCode.REGISTRY_PROTOCOL, () -> client.repository(app()).tags());
      assertThat(plain.requests()).isEmpty();
    }
  }
}
