package dev.bulla.signing.sigstore;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;

/**
 * What services answer while a signature is made, judged by the trusted root as soon as it comes,
 * with the same rules as when it is verified.
 */
public final class ReceivedEvidence {
  private final TrustedRoot root;

  public ReceivedEvidence(TrustedRoot root) {
    this.root = root;
  }

  /**
   * Whom a certificate names.
   *
   * @param tokenSubject the claim {@code sub} of the token, if the authority has put it in
   */
  public record Named(String subject, String issuer, Optional<String> tokenSubject) {}

  /**
   * Whom {@code leaf} names, after its path and its publication were checked.
   *
   * @throws BullaException {@link ErrorCode#SIGNER_NOT_TRUSTED}, {@link
   *     ErrorCode#CERTIFICATE_INVALID}, {@link ErrorCode#CERTIFICATE_EXPIRED}, {@link
   *     ErrorCode#CERTIFICATE_NOT_LOGGED}
   */
  public Named certificate(X509Certificate leaf, Instant now) {
    X509Certificate issuer = CertificatePath.issuer(leaf, root, now);
    if (!root.certificateLogs().isEmpty()) {
      CertificateTimestamps.check(leaf, issuer, Optional.empty(), root);
    }
    CertifiedIdentity named = CertifiedIdentity.of(leaf);
    return new Named(
        named.subject(),
        named.issuer(),
        CertifiedIdentity.claim(leaf, CertificateClaim.TOKEN_SUBJECT));
  }

  /**
   * The time of a stamp over {@code signature} by an authority of the root.
   *
   * @param response a DER TimeStampResp
   * @throws BullaException {@link ErrorCode#TIMESTAMP_INVALID}, {@link
   *     ErrorCode#SIGNER_NOT_TRUSTED}
   */
  public Instant timestamp(byte[] response, byte[] signature) {
    return new StampCheck(root).check(response, signature);
  }

  /** Whether an authority of the root signs with certificates that are not in the root. */
  public boolean needsStampCertificates() {
    return root.timestampAuthorities().stream()
        .anyMatch(authority -> authority.chain().getFirst().getBasicConstraints() >= 0);
  }

  /**
   * Checks that {@code entry} is proven to be in a log of the root, and about {@code signed}.
   *
   * @throws BullaException {@link ErrorCode#LOG_ENTRY_MISSING} for another log, {@link
   *     ErrorCode#LOG_ENTRY_INVALID}
   */
  public void logEntry(LogEntry entry, SignedMaterial signed) {
    if (!entry.hasProof()) {
      throw new BullaException(ErrorCode.LOG_ENTRY_INVALID, "log entry: it carries no proof");
    }
    new LogCheck(root, signed).check(entry);
  }
}
