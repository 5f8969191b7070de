package dev.bulla.signing.cosign;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.keys.KeyType;
import dev.bulla.keys.PublicKeyVerifier;
import dev.bulla.signing.sigstore.SignerIdentity;
import dev.bulla.signing.sigstore.TrustedRoot;
import java.util.Optional;

/** Whose signatures a Cosign verification believes. */
public sealed interface TrustedSigner {
  /**
   * The holder of a key.
   *
   * @param root if given and it names a log, an entry of that log is demanded
   */
  record Key(PublicKeyVerifier key, Optional<TrustedRoot> root) implements TrustedSigner {}

  /**
   * Somebody with an identity, to whom an authority of {@code root} gave a certificate for a
   * short-lived key.
   *
   * @param given what the caller has beside the signature
   */
  record Certified(SignerIdentity identity, TrustedRoot root, CertificateAtHand given)
      implements TrustedSigner {

    public Certified(SignerIdentity identity, TrustedRoot root) {
      this(identity, root, CertificateAtHand.NONE);
    }
  }

  /**
   * The holder of two keys, one of each kind, who must have signed the same bytes with both
   * (docs/adr/0010-dual-signatures.md).
   *
   * @param classical ECDSA
   * @param lattice ML-DSA-65
   */
  record Pair(PublicKeyVerifier classical, PublicKeyVerifier lattice) implements TrustedSigner {
    /**
     * @throws BullaException {@link ErrorCode#KEY_UNSUPPORTED} for keys of other kinds
     */
    public Pair {
      boolean curve =
          switch (classical.type()) {
            case EC_P256, EC_P384, EC_P521 -> true;
            case RSA, ED25519, ML_DSA_65 -> false;
          };
      if (!curve || lattice.type() != KeyType.ML_DSA_65) {
        throw new BullaException(
            ErrorCode.KEY_UNSUPPORTED,
            "a dual signature is by an ECDSA key and an ML-DSA-65 key, not by %s and %s"
                .formatted(classical.type(), lattice.type()),
            "Make the second key: bulla key generate --experimental --algorithm ml-dsa-65.");
      }
    }
  }
}
