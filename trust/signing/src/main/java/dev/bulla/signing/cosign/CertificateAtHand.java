package dev.bulla.signing.cosign;

import dev.bulla.signing.sigstore.DetachedTimestamp;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * What the caller of a verification has beside the signature, as cosign's {@code --certificate} and
 * {@code --sct}. It is judged like what comes with the signature.
 *
 * @param certificate of the signer, for signatures that carry none; one that carries another is
 *     refused
 * @param promise of a certificate log, for a certificate that holds none
 */
public record CertificateAtHand(
    Optional<X509Certificate> certificate, Optional<DetachedTimestamp> promise) {

  public static final CertificateAtHand NONE =
      new CertificateAtHand(Optional.empty(), Optional.empty());
}
