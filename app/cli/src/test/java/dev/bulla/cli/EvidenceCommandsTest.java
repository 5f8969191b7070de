package dev.bulla.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Reference;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import dev.bulla.testkit.FaultyRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code bulla tree}, {@code inspect} and {@code clean}. */
class EvidenceCommandsTest {
  @TempDir static Path temp;
  private static Caller caller;

  @BeforeAll
  static void unpack() throws Exception {
    Evidence.unpack(temp);
    Files.writeString(temp.resolve("predicate.json"), "{\"a\":1}");
    caller = new Caller(temp.resolve("home"), temp);
  }

  private static void publish(FaultyRegistry registry) {
    byte[] config = "{}".getBytes(StandardCharsets.US_ASCII);
    Descriptor blob = Descriptor.of(MediaTypes.OCI_CONFIG, config);
    try (RegistryClient client = RegistryClient.builder().build()) {
      Repository app = client.repository(Reference.parse(registry.host() + "/app"));
      app.pushBlob(blob, BlobSource.of(config));
      app.pushManifest(
          Manifest.image(blob, List.of(), Optional.empty(), Optional.empty(), Map.of()),
          List.of("1"));
    }
    run(registry, "sign -m stage=prod HOST/app:1").ok();
    run(registry, "sign --type custom --predicate predicate.json HOST/app:1").ok();
  }

  private static Ran run(FaultyRegistry registry, String line) {
    return caller.run(line.replace("HOST", registry.host()).split(" +"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void cleanRemovesWhatIsChosenOnlyByForceAndNeverTheImage(boolean referrersApi) {
    try (FaultyRegistry registry = FaultyRegistry.start()) {
      if (!referrersApi) {
        registry.withoutReferrersApi();
      }
      publish(registry);
      String verify = "verify --key home/keys/signing.pub HOST/app:1";

      assertThat(run(registry, "clean HOST/app:1").ok().out())
          .contains("would remove attestation", "nothing was removed");
      assertThat(registry.count("DELETE", "/")).isZero();
      run(registry, verify).ok();

      JsonNode removed =
          run(registry, "clean --type signature --force --output json HOST/app:1").ok().json();
      assertThat(removed.path("evidence").valueStream().map(one -> one.path("kind").asString()))
          .containsExactly("signature", "signature");
      assertThat(run(registry, "tree HOST/app:1").ok().out())
          .contains("attestation", "1 piece of evidence")
          .doesNotContain("signature ");

      run(registry, "clean --force HOST/app:1").ok();
      run(registry, verify).ended(3);
      assertThat(run(registry, "clean --force HOST/app:1").ok().out())
          .contains("nothing to remove");
      run(registry, "clean --type everything HOST/app:1").failed(ErrorCode.USAGE);
    }
  }

  @Test
  void treeAndInspectTellSignersAndSayThatNothingIsVerified() {
    try (FaultyRegistry registry = FaultyRegistry.start()) {
      publish(registry);

      JsonNode tree = run(registry, "tree --output json HOST/app:1").ok().json();
      JsonNode inspect = run(registry, "inspect --payload --output json HOST/app:1").ok().json();

      JsonNode evidence = tree.path("parts").path(0).path("evidence");
      assertThat(evidence.valueStream().map(one -> one.path("format").asString()))
          .containsExactlyInAnyOrder("notation", "sigstore-bundle", "sigstore-bundle");
      assertThat(evidence.valueStream().map(one -> one.path("signer").asString()))
          .doesNotContain("");
      assertThat(inspect.path("verified").asBoolean(true)).isFalse();
      assertThat(inspect.path("signatures").toString())
          .contains(
              "\"stage\":\"prod\"", "\"signingScheme\":\"notary.x509\"", "\"predicate\":{\"a\":1}");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "oci/app@sha256:dc1426baf301016ad5ad623d32b8e59f10984ea499a28f903534cd2761d0578f",
        "cosign/layouts/att-slsaprovenance1:v1",
        "notation/layouts/metadata-jws:v1",
        "notation/layouts/expired-jws:v1",
      })
  void whatPeersMadeIsDecodedWithoutFault(String image) {
    JsonNode json = caller.run("inspect", "--output", "json", "--oci-layout", image).ok().json();

    assertThat(json.path("signatures").size()).isPositive();
    for (JsonNode one : json.path("signatures")) {
      assertThat(one.has("fault")).as(one.toString()).isFalse();
      assertThat(one.path("subjects").size()).isPositive();
      assertThat(one.path("signer").asString()).isNotEmpty();
    }
    if (image.startsWith("oci/app")) {
      assertThat(json.toString())
          .contains(
              "\"claims\":{\"issuer\":\"http://127.0.0.1:8901\"", "\"logEntries\":[{\"index\"");
    }
  }
}
