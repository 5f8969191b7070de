package dev.bulla.signing;

import dev.bulla.core.Descriptor;
import dev.bulla.core.MediaTypes;
import dev.bulla.keys.SigningIdentity;
import dev.bulla.oci.BlobSource;
import dev.bulla.oci.Layout;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.notation.NotationTrust;
import dev.bulla.signing.trust.TrustPolicy;
import dev.bulla.signing.trust.TrustStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Images in a layout, identities, and what trusts them: the things a signing test needs. */
public final class Workshop {
  public static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  public static final InstantSource CLOCK = InstantSource.fixed(NOW);

  private Workshop() {}

  public static SigningIdentity identity(Path directory, String name) {
    return SigningIdentity.openOrCreate(directory.resolve(name), CLOCK, new SecureRandom(), name);
  }

  public static Repository layout(Path directory) {
    return Layout.create(directory.resolve("layout"));
  }

  /** A small image whose digest depends on {@code text}. */
  public static Descriptor image(Repository repository, String text) {
    byte[] config = ("{\"author\":\"" + text + "\"}").getBytes(StandardCharsets.UTF_8);
    Descriptor blob = Descriptor.of(MediaTypes.OCI_CONFIG, config);
    repository.pushBlob(blob, BlobSource.of(config));
    Manifest manifest =
        Manifest.image(blob, List.of(), Optional.empty(), Optional.empty(), Map.of());
    repository.pushManifest(manifest, List.of(text));
    return manifest.descriptor();
  }

  public static CosignTrust key(SigningIdentity identity) {
    return new CosignTrust(identity.signer().verifier(), "signing.pub");
  }

  /** A strict policy that believes {@code identity}'s root. */
  public static NotationTrust strict(SigningIdentity identity) {
    return policy(identity, "strict", "*");
  }

  public static NotationTrust policy(SigningIdentity identity, String level, String trusted) {
    String json =
        """
        {"version":"1.0","trustPolicies":[{"name":"own","registryScopes":["*"],
          "signatureVerification":{"level":"%s"},"trustStores":["ca:own"],"trustedIdentities":["%s"]}]}\
        """
            .formatted(level, trusted);
    return new NotationTrust(
        TrustPolicy.parse(json.getBytes(StandardCharsets.UTF_8)),
        TrustStore.of(Map.of(new TrustStore.Name("ca", "own"), List.of(identity.root()))),
        "registry.example/app");
  }
}
