package dev.bulla.signing.notation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.json.Json;
import dev.bulla.keys.SigningIdentity;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Layout;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.signing.Trust;
import dev.bulla.signing.VerifyImage;
import dev.bulla.signing.Workshop;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * All forms in which a signature has ever been stored are read: by its config's media type, by
 * artifact type, and in the artifact manifest of a draft of the OCI specification.
 */
class SignatureManifestsTest {
  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "config, -",
        "artifactType, -",
        "artifactManifest, -",
        "two layers, signature-malformed",
        "no layer, signature-malformed",
        "other layer, signature-malformed",
        "other type, signature-missing",
        "other subject, signature-missing",
      })
  void everyFormIsRead(String form, String code) {
    SigningIdentity identity = Workshop.identity(directory, "signer");
    Repository made = Layout.create(directory.resolve("made"));
    Descriptor image = Workshop.image(made, "v1");
    Manifest written =
        made.manifest(new NotationSigner(identity.signer(), Workshop.CLOCK).sign(made, image));
    Descriptor layer = written.layers().getFirst();
    byte[] envelope = made.blobBytes(layer, 1 << 20);

    Repository layout = Workshop.layout(directory);
    Workshop.image(layout, "v1");
    Descriptor other = Workshop.image(layout, "v2");
    byte[] empty = "{}".getBytes(StandardCharsets.US_ASCII);
    Descriptor config = Descriptor.of(MediaTypes.OCI_EMPTY, empty);
    layout.pushBlob(layer, BlobSource.of(envelope));
    layout.pushBlob(config, BlobSource.of(empty));
    layout.pushManifest(
        switch (form) {
          case "config" -> written;
          case "artifactManifest" -> artifactManifest(layer, image);
          case "two layers" -> manifest(config, List.of(layer, layer), image);
          case "no layer" -> manifest(config, List.of(), image);
          case "other layer" ->
              manifest(
                  config,
                  List.of(new Descriptor("text/plain", layer.digest(), layer.size())),
                  image);
          case "other subject" -> manifest(config, List.of(layer), other);
          case "other type" ->
              Manifest.image(
                  config, List.of(layer), Optional.of("text/plain"), Optional.of(image), Map.of());
          default -> manifest(config, List.of(layer), image);
        },
        List.of());

    Verification found =
        new VerifyImage(Workshop.CLOCK)
            .verify(layout, image, new Trust.ByPolicy(Workshop.strict(identity)));

    assertThat(found.failure().map(failure -> failure.code().id()))
        .isEqualTo(Optional.ofNullable(code));
    if (code == null) {
      assertThat(
              new VerifyImage(Workshop.CLOCK)
                  .verify(layout, other, new Trust.ByPolicy(Workshop.strict(identity)))
                  .failure()
                  .orElseThrow()
                  .code())
          .isEqualTo(ErrorCode.SIGNATURE_MISSING);
    }
  }

  private static Manifest manifest(Descriptor config, List<Descriptor> layers, Descriptor subject) {
    return Manifest.image(
        config, layers, Optional.of(MediaTypes.NOTATION_SIGNATURE), Optional.of(subject), Map.of());
  }

  private static Manifest artifactManifest(Descriptor layer, Descriptor subject) {
    ObjectNode root = Json.object();
    root.put("mediaType", MediaTypes.OCI_ARTIFACT);
    root.put("artifactType", MediaTypes.NOTATION_SIGNATURE);
    root.putArray("blobs").add(Manifest.toJson(layer));
    root.set("subject", Manifest.toJson(subject.bare()));
    return Manifest.parse(Json.write(root), MediaTypes.OCI_ARTIFACT);
  }
}
