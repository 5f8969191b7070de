package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.keys.Certificates;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;

/**
 * The certificate requirements of the Notary Project for a code-signing chain (signature
 * specification 1.1, "Certificate Requirements"): independent of time and of any trust store.
 */
final class CertificateRules {
  private static final String BASIC_CONSTRAINTS = "2.5.29.19";
  private static final String KEY_USAGE = "2.5.29.15";
  private static final int DIGITAL_SIGNATURE = 0;
  private static final int KEY_CERT_SIGN = 5;

  /**
   * keyEncipherment, dataEncipherment, keyAgreement, keyCertSign, cRLSign, encipherOnly,
   * decipherOnly.
   */
  private static final int[] FORBIDDEN_LEAF_USAGES = {2, 3, 4, 5, 6, 7, 8};

  /** anyExtendedKeyUsage, serverAuth, clientAuth, emailProtection, timeStamping, OCSPSigning. */
  private static final Set<String> FORBIDDEN_PURPOSES =
      Set.of(
          "2.5.29.37.0",
          "1.3.6.1.5.5.7.3.1",
          "1.3.6.1.5.5.7.3.2",
          "1.3.6.1.5.5.7.3.4",
          "1.3.6.1.5.5.7.3.8",
          "1.3.6.1.5.5.7.3.9");

  private CertificateRules() {}

  /**
   * @param chain leaf first, root last
   * @throws BullaException {@link ErrorCode#CERTIFICATE_INVALID} naming certificate and rule
   */
  static void check(List<X509Certificate> chain) {
    checkLeaf(chain.getFirst());
    for (int i = 1; i < chain.size(); i++) {
      checkAuthority(chain.get(i), i - 1);
    }
    for (X509Certificate certificate : chain) {
      checkKey(certificate);
    }
    checkOrder(chain);
  }

  private static void checkOrder(List<X509Certificate> chain) {
    int last = chain.size() - 1;
    for (int i = 0; i < last; i++) {
      X509Certificate certificate = chain.get(i);
      if (certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())
          && Certificates.isIssuedBy(certificate, certificate)) {
        throw broken(certificate, "is self-signed, which only the last of a chain may be");
      }
      if (!Certificates.isIssuedBy(certificate, chain.get(i + 1))) {
        throw broken(certificate, "was not issued by the next certificate of the chain");
      }
    }
    if (!Certificates.isIssuedBy(chain.get(last), chain.get(last))) {
      throw broken(chain.get(last), "is the last of the chain and not self-signed");
    }
  }

  private static void checkLeaf(X509Certificate leaf) {
    if (leaf.getBasicConstraints() >= 0) {
      throw broken(leaf, "is a certificate authority, expected a code-signing certificate first");
    }
    boolean[] usage = keyUsage(leaf);
    if (!usage[DIGITAL_SIGNATURE]) {
      throw broken(leaf, "has a key usage without digitalSignature");
    }
    for (int forbidden : FORBIDDEN_LEAF_USAGES) {
      if (forbidden < usage.length && usage[forbidden]) {
        throw broken(leaf, "has a key usage beside signing (bit " + forbidden + ")");
      }
    }
    for (String purpose : purposes(leaf)) {
      if (FORBIDDEN_PURPOSES.contains(purpose)) {
        throw broken(
            leaf,
            "has the extended key usage "
                + purpose
                + ", which a code-signing certificate may not have");
      }
    }
  }

  private static void checkAuthority(X509Certificate authority, int authoritiesBeneath) {
    int path = authority.getBasicConstraints();
    if (path < 0) {
      throw broken(authority, "is not a certificate authority");
    }
    if (!authority.getCriticalExtensionOIDs().contains(BASIC_CONSTRAINTS)) {
      throw broken(authority, "has basic constraints that are not critical");
    }
    if (path < authoritiesBeneath) {
      throw broken(
          authority,
          "allows %d authorities beneath it and has %d".formatted(path, authoritiesBeneath));
    }
    boolean[] usage = keyUsage(authority);
    if (usage.length <= KEY_CERT_SIGN || !usage[KEY_CERT_SIGN]) {
      throw broken(authority, "has a key usage without keyCertSign");
    }
  }

  /** The key must be one that Notation could sign with. */
  private static void checkKey(X509Certificate certificate) {
    try {
      NotationAlgorithm.of(Certificates.verifier(certificate));
    } catch (BullaException e) {
      throw broken(certificate, "has a key that the specification does not allow: " + e.reason());
    }
  }

  private static boolean[] keyUsage(X509Certificate certificate) {
    boolean[] usage = certificate.getKeyUsage();
    Set<String> critical = certificate.getCriticalExtensionOIDs();
    if (usage == null || critical == null || !critical.contains(KEY_USAGE)) {
      throw broken(certificate, "has no critical key usage");
    }
    return usage;
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
        "certificate '%s' %s".formatted(certificate.getSubjectX500Principal(), rule),
        "Sign with a certificate that keeps the Notary Project's certificate requirements.");
  }
}
