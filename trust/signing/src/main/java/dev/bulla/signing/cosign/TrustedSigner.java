package dev.bulla.signing.cosign;

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
   */
  record Certified(SignerIdentity identity, TrustedRoot root) implements TrustedSigner {}
}
