package dev.bulla.signing.notation;

import dev.bulla.core.ErrorCode;
import dev.bulla.signing.trust.CheckList;
import dev.bulla.signing.trust.TrustStatement;
import dev.bulla.signing.trust.VerificationLevel.Action;
import dev.bulla.signing.trust.VerificationLevel.Aspect;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * Whether a certificate of the chain was revoked.
 *
 * <p>Certificates that name neither an OCSP responder nor a CRL cannot be revoked and pass, as in notation. For those that
 * do, Bulla does not ask yet: their state is unknown, which fails where the trust policy enforces revocation.
 */
final class RevocationCheck {
  private static final String NAME = "revocation";
  private static final String CRL_POINTS = "2.5.29.31";
  private static final String AUTHORITY_ACCESS = "1.3.6.1.5.5.7.1.1";

  /** DER of the access method id-ad-ocsp, 1.3.6.1.5.5.7.48.1. */
  private static final byte[] OCSP = {0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01};

  private final CheckList checks;
  private final TrustStatement statement;

  RevocationCheck(CheckList checks, TrustStatement statement) {
    this.checks = checks;
    this.statement = statement;
  }

  void run(Envelope envelope) {
    if (statement.level().action(Aspect.REVOCATION) == Action.SKIP) {
      checks.skipped(NAME, "skipped by the trust policy");
      return;
    }
    List<X509Certificate> chain = envelope.chain();
    for (X509Certificate certificate : chain.subList(0, Math.max(1, chain.size() - 1))) {
      if (namesSource(certificate)) {
        checks.add(
            SignatureExamination.byPolicy(
                statement,
                Aspect.REVOCATION,
                NAME,
                ErrorCode.REVOCATION_UNKNOWN,
                "an answer of the OCSP responder or CRL that the certificate names",
                certificate.getSubjectX500Principal() + ": OCSP and CRL are not supported yet, so the state is unknown"));
        return;
      }
    }
    checks.passed(NAME, "no certificate names an OCSP responder or a CRL");
  }

  /** Whether a certificate says where its state can be asked for. */
  static boolean namesSource(X509Certificate certificate) {
    return certificate.getExtensionValue(CRL_POINTS) != null
        || contains(certificate.getExtensionValue(AUTHORITY_ACCESS), OCSP);
  }

  private static boolean contains(byte @org.jspecify.annotations.Nullable [] bytes, byte[] part) {
    if (bytes == null) {
      return false;
    }
    for (int at = 0; at + part.length <= bytes.length; at++) {
      if (java.util.Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
        return true;
      }
    }
    return false;
  }
}
