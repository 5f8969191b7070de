package dev.bulla.signing.sigstore;

import dev.bulla.core.BullaException;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What a certificate says of its holder, unverified, for people. */
public final class CertificateNames {
  private CertificateNames() {}

  /** The identity of a Fulcio certificate: its subject alternative name; empty for another one. */
  public static Optional<String> identity(X509Certificate certificate) {
    try {
      CertifiedIdentity identity = CertifiedIdentity.of(certificate);
      return identity.issuer().isEmpty() ? Optional.empty() : Optional.of(identity.subject());
    } catch (BullaException e) {
      return Optional.empty();
    }
  }

  /** Issuer and claims of a Fulcio certificate, {@code issuer} first; empty for another one. */
  public static Map<String, String> claims(X509Certificate certificate) {
    Map<String, String> all = new LinkedHashMap<>();
    try {
      String issuer = CertifiedIdentity.of(certificate).issuer();
      if (!issuer.isEmpty()) {
        all.put("issuer", issuer);
      }
    } catch (BullaException e) {
      return all; // none of Fulcio's
    }
    for (CertificateClaim claim : CertificateClaim.values()) {
      try {
        CertifiedIdentity.claim(certificate, claim).ifPresent(value -> all.put(claim.id(), value));
      } catch (BullaException e) {
        all.put(claim.id(), "(unreadable)");
      }
    }
    return all;
  }
}
