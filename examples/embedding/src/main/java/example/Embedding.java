package example;

import dev.bulla.core.Descriptor;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.claim.Check;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.Verification;
import dev.bulla.keys.KeyFiles;
import dev.bulla.keys.SigningIdentity;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Layout;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.signing.SignImage;
import dev.bulla.signing.Trust;
import dev.bulla.signing.VerifyImage;
import dev.bulla.signing.cosign.CosignTrust;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes an image in a layout, signs it, verifies it, and says why; then asks for what was not
 * signed. Arguments: a directory to work in.
 */
public final class Embedding {
  private Embedding() {}

  public static void main(String[] arguments) {
    Path work = Path.of(arguments[0]);
    Path keys = work.resolve("keys");
    Path layout = work.resolve("layout");
    image(layout);
    sign(keys, layout);
    for (String stage : List.of("prod", "test")) {
      Verification verification = verify(keys, layout, stage);
      System.out.println(verification.accepted() ? "VERIFIED" : "REFUSED");
      System.out.println(explain(verification));
    }
  }

  static void sign(Path keys, Path layout) {
    SigningIdentity identity =
        SigningIdentity.openOrCreate(keys, InstantSource.system(), new SecureRandom(), "Ada");
    try (Repository repository = Layout.create(layout)) {
      Descriptor image = repository.resolve("v1").orElseThrow();
      new SignImage(identity.signer(), InstantSource.system())
          .sign(repository, image, Map.of("stage", "prod"));
    }
  }

  static Verification verify(Path keys, Path layout, String stage) {
    CosignTrust trust =
        new CosignTrust(KeyFiles.verifier(keys.resolve("signing.pub")), "signing.pub")
            .withAnnotations(Map.of("stage", stage));
    try (Repository repository = Layout.open(layout)) {
      Descriptor image = repository.resolve("v1").orElseThrow();
      return new VerifyImage(InstantSource.system())
          .verify(repository, image, new Trust.ByKey(trust));
    }
  }

  static String explain(Verification verification) {
    StringBuilder text = new StringBuilder();
    verification
        .failure()
        .ifPresent(why -> text.append(why.code().id()).append(": ").append(why.reason()));
    for (SignatureRecord signature : verification.signatures()) {
      for (Check check : signature.checks()) {
        text.append("%n%s %s %s".formatted(check.name(), check.outcome(), check.found()));
      }
    }
    return text.toString();
  }

  private static void image(Path layout) {
    byte[] config = "{\"author\":\"Ada\"}".getBytes(StandardCharsets.UTF_8);
    Descriptor blob = Descriptor.of(MediaTypes.OCI_CONFIG, config);
    try (Repository repository = Layout.create(layout)) {
      repository.pushBlob(blob, BlobSource.of(config));
      repository.pushManifest(
          Manifest.image(blob, List.of(), Optional.empty(), Optional.empty(), Map.of()),
          List.of("v1"));
    }
  }
}
