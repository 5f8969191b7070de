package dev.bulla.signing.sigstore;

import dev.bulla.core.BullaException;
import java.security.cert.X509Certificate;
import java.util.EnumMap;
import java.util.Map;

/**
 * Whose signatures are believed: a subject, as a given issuer of identities has seen it.
 *
 * @param subject e-mail address, URI or user name in the certificate
 * @param issuer of the token by which the subject proved itself, such as {@code
 *     https://accounts.google.com}; one without the other is no identity, for every issuer may name
 *     every subject
 * @param claims what else the certificate must say, exactly
 */
public record SignerIdentity(
    TextPattern subject, TextPattern issuer, Map<CertificateClaim, String> claims) {

  public SignerIdentity {
    claims = Map.copyOf(claims);
  }

  public SignerIdentity(TextPattern subject, TextPattern issuer) {
    this(subject, issuer, Map.of());
  }

  /** The same identity, of which the certificate must also say this. */
  public SignerIdentity withClaim(CertificateClaim claim, String value) {
    Map<CertificateClaim, String> all = new EnumMap<>(CertificateClaim.class);
    all.putAll(claims);
    all.put(claim, value);
    return new SignerIdentity(subject, issuer, all);
  }

  /**
   * Whether an unverified certificate names this subject and issuer: a guess at who may have
   * signed, never a proof.
   */
  public boolean mayBeNamedBy(X509Certificate unverified) {
    try {
      CertifiedIdentity named = CertifiedIdentity.of(unverified);
      return subject.matches(named.subject()) && issuer.matches(named.issuer());
    } catch (BullaException e) {
      return false;
    }
  }

  @Override
  public String toString() {
    return subject + " by " + issuer;
  }
}
