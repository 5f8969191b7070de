package dev.bulla.signing;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.crypto.Signer;
import dev.bulla.core.statement.Statement;
import dev.bulla.oci.Repository;
import dev.bulla.signing.cosign.CosignSigner;
import dev.bulla.signing.notation.NotationSigner;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Signs manifests and seals statements in both formats at once, so that unmodified notation and
 * cosign verify either. Thread-safe.
 */
public final class SignImage {
  private final NotationSigner notation;
  private final CosignSigner cosign;

  /**
   * @param signer with a certificate chain, leaf first, that keeps the Notary Project's rules
   * @throws BullaException as {@link NotationSigner} and {@link CosignSigner}
   */
  public SignImage(Signer signer, InstantSource clock) {
    this.notation = new NotationSigner(signer, clock);
    this.cosign = new CosignSigner(signer, clock);
  }

  /**
   * The two signatures of one image.
   *
   * @param notation the manifest of the Notation signature
   * @param cosign the manifest of the Sigstore bundle
   */
  public record Signatures(Descriptor notation, Descriptor cosign) {
    public List<Descriptor> all() {
      return List.of(notation, cosign);
    }
  }

  /**
   * A sealed statement.
   *
   * @param bundle the manifest of the Sigstore bundle that holds it, a referrer of the image
   * @param notation the manifest of the Notation signature over that bundle's manifest
   */
  public record Sealed(Descriptor bundle, Descriptor notation) {}

  /** Signs {@code subject} in both formats, with the same pairs in each. */
  public Signatures sign(Repository repository, Descriptor subject, Map<String, String> pairs) {
    Descriptor first = notation.sign(repository, subject, pairs, Optional.empty());
    return new Signatures(first, cosign.sign(repository, subject, pairs));
  }

  /**
   * Seals {@code statement} about {@code subject} as a bundle, and signs the bundle's manifest with
   * Notation.
   */
  public Sealed seal(Repository repository, Descriptor subject, Statement statement) {
    Descriptor bundle = cosign.attest(repository, subject, statement);
    return new Sealed(bundle, notation.sign(repository, bundle));
  }
}
