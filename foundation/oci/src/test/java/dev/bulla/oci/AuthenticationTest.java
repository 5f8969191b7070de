package dev.bulla.oci;

import static dev.bulla.oci.RepositoryContract.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.ErrorCode;
import dev.bulla.core.Reference;
import dev.bulla.testkit.Fault;
import dev.bulla.testkit.FaultyRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who gets to see which secret. */
class AuthenticationTest {
  private final FaultyRegistry registry = FaultyRegistry.start();
  private final SampleImage image = SampleImage.of(1);

  @AfterEach
  void stop() {
    registry.close();
  }

  private RegistryClient client(Credential credential) {
    return RegistryClient.builder()
        .credentials(CredentialSource.of(registry.host(), credential))
        .retries(1)
        .retryDelay(Duration.ofMillis(1))
        .chunkBytes(20_000)
        .build();
  }

  private Reference app() {
    return Reference.parse(registry.host() + "/team/app");
  }

  @Test
  void sendsNameAndPasswordWhenAskedForBasic() {
    registry.requireBasic("ann", "s3cret");
    try (RegistryClient client = client(new Credential.Basic("ann", "s3cret"))) {
      image.pushTo(client.repository(app()), "1.0");
      assertThat(client.repository(app()).resolve("1.0")).contains(image.descriptor());
    }
  }

  @Test
  void getsOneTokenForEachScope() {
    registry.requireToken("ann", "s3cret");
    try (RegistryClient client = client(new Credential.Basic("ann", "s3cret"))) {
      image.pushTo(client.repository(app()), "1.0");
      assertThat(client.repository(app()).tags()).containsExactly("1.0");
    }
    assertThat(registry.count("GET", "/token")).isEqualTo(2);
    assertThat(registry.requests())
        .anySatisfy(
            request -> assertThat(request.path()).contains("scope=repository%3Ateam%2Fapp%3Apull"));
  }

  @Test
  void asksForBothRepositoriesWhenItMounts() {
    registry.requireToken("ann", "s3cret");
    try (RegistryClient client = client(new Credential.Basic("ann", "s3cret"))) {
      Repository from = client.repository(app());
      image.pushTo(from, "1.0");
      Repository to = client.repository(Reference.parse(registry.host() + "/other"));
      CopyImage.Result result = CopyImage.between(from, to).copy(image.descriptor(), List.of("1"));

      assertThat(result.mounted()).isEqualTo(3);
    }
    assertThat(registry.requests())
        .anySatisfy(request ->
            assertThat(request.path())
                .contains("scope=repository%3Aother%3Apull%2Cpush")
                .contains("scope=repository%3Ateam%2Fapp%3Apull"));
  }

  @Test
  void aWrongPasswordAndNoneAreRefusals() {
    registry.requireBasic("ann", "s3cret");
    try (RegistryClient wrong = client(new Credential.Basic("ann", "guess"))) {
      assertFails(ErrorCode.REGISTRY_UNAUTHORIZED, () -> wrong.repository(app()).tags());
    }
    try (RegistryClient anonymous = RegistryClient.builder().build()) {
      assertFails(ErrorCode.REGISTRY_UNAUTHORIZED, () -> anonymous.repository(app()).tags());
    }
  }

  @Test
  void aTokenServiceThatRefusesIsARefusal() {
    registry.requireToken("ann", "s3cret");
    try (RegistryClient wrong = client(new Credential.Basic("ann", "guess"))) {
      assertFails(ErrorCode.REGISTRY_UNAUTHORIZED, () -> wrong.repository(app()).tags());
    }
  }

  @Test
  void aTokenThatIsNoLongerAcceptedIsReplacedOnce() {
    registry.requireToken("ann", "s3cret");
    try (RegistryClient client = client(new Credential.Basic("ann", "s3cret"))) {
      image.pushTo(client.repository(app()), "1.0");
      long before = registry.count("GET", "/token");
      registry.with(
          Fault.status(401)
              .with(
                  "WWW-Authenticate",
                  "Bearer realm=\"http://%s/token\",service=\"test\"".formatted(registry.host()))
              .on("PATCH", "/blobs/"));
      SampleImage.of(2).pushTo(client.repository(app()), "2.0");

      assertThat(registry.count("GET", "/token")).isEqualTo(before + 1);
      assertThat(client.repository(app()).tags()).containsExactly("1.0", "2.0");
    }
  }

  @Test
  void secretsDoNotFollowARedirectToAnotherHost() throws IOException {
    registry.requireBasic("ann", "s3cret");
    try (FaultyRegistry storage = FaultyRegistry.start();
        RegistryClient client = client(new Credential.Basic("ann", "s3cret"))) {
      Repository repository = client.repository(app());
      image.pushTo(repository, "1.0");
      String digest = image.layer(0).digest().toString();
      storage.putBlob("cdn", digest, image.layers().get(0));
      registry.with(
          Fault.status(307)
              .with("Location", "http://%s/v2/cdn/blobs/%s".formatted(storage.host(), digest))
              .on("GET", "/blobs/"));

      assertThat(repository.blobBytes(image.layer(0), 10_000)).isEqualTo(image.layers().get(0));
      assertThat(storage.requests()).isNotEmpty();
      assertThat(storage.requests())
          .allSatisfy(request -> assertThat(request.headers()).doesNotContainKey("authorization"));
    }
  }

  @Test
  void redirectsInCirclesEnd() {
    try (RegistryClient client = RegistryClient.builder().build()) {
      Repository repository = client.repository(app());
      registry.with(
          Fault.status(307)
              .with("Location", "/v2/team/app/tags/list")
              .on("GET", "/tags/")
              .always());

      assertFails(ErrorCode.REGISTRY_PROTOCOL, repository::tags);
    }
  }

  @Test
  void aRedirectToAFileIsRefused() {
    try (RegistryClient client = RegistryClient.builder().build()) {
      Repository repository = client.repository(app());
      registry.with(Fault.status(302).with("Location", "file:///etc/passwd").on("GET", "/tags/"));

      assertFails(ErrorCode.REGISTRY_PROTOCOL, repository::tags);
    }
  }

  @Test
  void aTokenRealmThatIsNoWebAddressIsRefused() {
    try (RegistryClient client = RegistryClient.builder().build()) {
      Repository repository = client.repository(app());
      registry.with(
          Fault.status(401)
              .with("WWW-Authenticate", "Bearer realm=\"ftp://x/token\"")
              .on("GET", "/tags/"));

      assertFails(ErrorCode.REGISTRY_PROTOCOL, repository::tags);
    }
  }

  @Test
  void secretsDoNotShow() {
    assertThat(new Credential.Basic("ann", "s3cret").toString()).doesNotContain("s3cret");
    assertThat(new Credential.IdentityToken("s3cret").toString()).doesNotContain("s3cret");
    assertThat(new Credential.RegistryToken("s3cret").toString()).doesNotContain("s3cret");
  }
}
