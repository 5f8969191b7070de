package dev.bulla.signing.sigstore;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.keys.Certificates;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The way from a signer's certificate to an authority of the trusted root at one moment (RFC 5280
 * section 6, the part that Sigstore's authorities use): who issued whom, validity, what each key is
 * for, path lengths, and no critical extension that is not understood.
 */
final class CertificatePath {
  static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
  static final String TIME_STAMPING = "1.3.6.1.5.5.7.3.8";

  private static final String ANY_PURPOSE = "2.5.29.37.0";
  private static final int DIGITAL_SIGNATURE = 0;
  private static final int KEY_CERT_SIGN = 5;

  /** Key usage, subject alternative name, basic constraints, extended key usage. */
  private static final Set<String> UNDERSTOOD =
      Set.of("2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.37");

  private CertificatePath() {}

  /**
   * The issuer of {@code leaf}, after the path from it was checked as of {@code time}.
   *
   * @throws BullaException {@link ErrorCode#CERTIFICATE_EXPIRED} if the leaf was not valid, {@link
   *     ErrorCode#SIGNER_NOT_TRUSTED} if no authority that counted at the time issued it, {@link
   *     ErrorCode#CERTIFICATE_INVALID} if a rule is broken
   */
  static X509Certificate issuer(X509Certificate leaf, TrustedRoot root, Instant time) {
    checkValid(leaf, time);
    BullaException last =
        new BullaException(
            ErrorCode.SIGNER_NOT_TRUSTED,
            "the certificate was issued by '%s', which is no authority of the trusted root"
                .formatted(leaf.getIssuerX500Principal()));
    for (TrustedRoot.Authority authority : root.authorities()) {
      X509Certificate issuer = authority.chain().getFirst();
      if (!Certificates.isIssuedBy(leaf, issuer)) {
        continue;
      }
      try {
        if (!authority.validity().covers(time)) {
          throw new BullaException(
              ErrorCode.SIGNER_NOT_TRUSTED,
              "the signature was made at %s, the authority %s is trusted %s"
                  .formatted(time, authority, authority.validity()));
        }
        List<X509Certificate> chain = new ArrayList<>(List.of(leaf));
        chain.addAll(authority.chain());
        check(chain, time, CODE_SIGNING);
        return issuer;
      } catch (BullaException e) {
        last = e;
      }
    }
    throw last;
  }

  /**
   * Checks every rule but trust in the last certificate.
   *
   * @param chain signer first
   * @param purpose the extended key usage that the signer must have, and every authority that has
   *     any
   */
  static void check(List<X509Certificate> chain, Instant time, String purpose) {
    X509Certificate leaf = chain.getFirst();
    boolean[] usage = leaf.getKeyUsage();
    if (leaf.getBasicConstraints() >= 0 || usage == null || !usage[DIGITAL_SIGNATURE]) {
      throw broken(leaf, "is not one to sign with");
    }
    if (!purposes(leaf).contains(purpose)) {
      throw broken(leaf, "is not for the purpose " + purpose);
    }
    for (int i = 0; i < chain.size(); i++) {
      X509Certificate certificate = chain.get(i);
      checkValid(certificate, time);
      checkCritical(certificate);
      if (i > 0) {
        checkAuthority(certificate, i - 1, purpose);
        if (!Certificates.isIssuedBy(chain.get(i - 1), certificate)) {
          throw broken(
              chain.get(i - 1),
              "was not issued by '%s'".formatted(certificate.getSubjectX500Principal()));
        }
      }
    }
  }

  private static void checkAuthority(X509Certificate authority, int beneath, String purpose) {
    boolean[] usage = authority.getKeyUsage();
    if (authority.getBasicConstraints() < beneath
        || usage == null
        || usage.length <= KEY_CERT_SIGN
        || !usage[KEY_CERT_SIGN]) {
      throw broken(authority, "may not issue certificates, or not at this height");
    }
    List<String> purposes = purposes(authority);
    if (!purposes.isEmpty() && !purposes.contains(purpose) && !purposes.contains(ANY_PURPOSE)) {
      throw broken(authority, "may not issue certificates for the purpose " + purpose);
    }
  }

  private static void checkValid(X509Certificate certificate, Instant time) {
    Instant from = certificate.getNotBefore().toInstant();
    Instant until = certificate.getNotAfter().toInstant();
    if (time.isBefore(from) || time.isAfter(until)) {
      throw new BullaException(
          ErrorCode.CERTIFICATE_EXPIRED,
          "the certificate '%s' is valid from %s to %s, the signature was made at %s"
              .formatted(certificate.getSubjectX500Principal(), from, until, time));
    }
  }

  private static void checkCritical(X509Certificate certificate) {
    Set<String> critical = certificate.getCriticalExtensionOIDs();
    if (critical != null && !UNDERSTOOD.containsAll(critical)) {
      throw broken(certificate, "has a critical extension that is not understood");
    }
  }

  private static List<String> purposes(X509Certificate certificate) {
    try {
      List<String> purposes = certificate.getExtendedKeyUsage();
      return purposes == null ? List.of() : purposes;
    } catch (CertificateParsingException e) {
      throw broken(certificate, "has an unreadable extended key usage");
    }
  }

  private static BullaException broken(X509Certificate certificate, String rule) {
    return new BullaException(
        ErrorCode.CERTIFICATE_INVALID,
        "the certificate '%s' %s".formatted(certificate.getSubjectX500Principal(), rule));
  }
}
