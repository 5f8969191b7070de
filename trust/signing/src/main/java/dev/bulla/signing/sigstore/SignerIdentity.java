package dev.bulla.signing.sigstore;

/**
 * Whose signatures are believed: a subject, as a given issuer of identities has seen it.
 *
 * @param subject e-mail address, URI or user name in the certificate
 * @param issuer of the token by which the subject proved itself, such as {@code
 *     https://accounts.google.com}; one without the other is no identity, for every issuer may name
 *     every subject
 */
public record SignerIdentity(TextPattern subject, TextPattern issuer) {
  @Override
  public String toString() {
    return subject + " by " + issuer;
  }
}
