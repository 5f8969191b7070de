package dev.bulla.signing.cosign;

import dev.bulla.signing.sigstore.DetachedTimestamp;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;

/**
 * What the caller of a verification has beside the signature or says of it, as cosign's {@code
 * --certificate}, {@code --sct} and {@code --insecure-ignore-tlog}. A certificate and a promise are
 * judged like what comes with the signature.
 *
 * @param certificate of the signer, for signatures that carry none; one that carries another is
 *     refused
 * @param promise of a certificate log, for a certificate that holds none
 * @param unlogged if present, no log entry is demanded, and where nobody proves when it was signed,
 *     the certificate is judged as of this moment
 */
public record CertificateAtHand(
    Optional<X509Certificate> certificate,
    Optional<DetachedTimestamp> promise,
    Optional<Instant> unlogged) {

  public static final CertificateAtHand NONE =
      new CertificateAtHand(Optional.empty(), Optional.empty(), Optional.empty());
}
