package dev.bulla.signing.trust;

import dev.bulla.core.Digest;
import dev.bulla.core.claim.CertificateFacts;
import dev.bulla.core.claim.SignedBy;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.keys.Certificates;
import dev.bulla.keys.KeyType;
import dev.bulla.keys.PublicKeyVerifier;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.util.Optional;

/** What records say of keys and certificates. */
public final class KeyFacts {
  private KeyFacts() {}

  static SignedBy of(
      SignatureAlgorithm algorithm, PublicKeyVerifier key, Optional<X509Certificate> certificate) {
    return new SignedBy(
        algorithm,
        Optional.empty(),
        fingerprint(key),
        key.bits(),
        certificate.map(KeyFacts::certificate));
  }

  /**
   * The SHA-256 of the key in its one canonical spelling, so that a key cannot pass for two. The
   * curves have one accepted spelling; an RSA key is written anew, for its parameters may be NULL
   * or absent.
   */
  public static String fingerprint(PublicKeyVerifier key) {
    if (key.type() != KeyType.RSA || !(key.publicKey() instanceof RSAPublicKey rsa)) {
      return key.fingerprint();
    }
    try {
      return PublicKeyVerifier.of(
              KeyFactory.getInstance("RSA")
                  .generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent())))
          .fingerprint();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("an RSA key that was read cannot be written", e);
    }
  }

  private static CertificateFacts certificate(X509Certificate one) {
    return new CertificateFacts(
        one.getSubjectX500Principal().getName(),
        one.getIssuerX500Principal().getName(),
        one.getSerialNumber().toString(16),
        one.getNotBefore().toInstant(),
        one.getNotAfter().toInstant(),
        Digest.sha256(Certificates.encoded(one)).hex());
  }
}
