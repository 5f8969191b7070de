package dev.bulla.signing.notation;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the signer writes into an envelope beside the signature: scheme {@code notary.x509}.
 *
 * @param payload JSON
 * @param signed in whole seconds
 * @param expiry in whole seconds
 * @param chain leaf first
 */
record SignedAttributes(
    NotationAlgorithm algorithm,
    byte[] payload,
    Instant signed,
    Optional<Instant> expiry,
    List<X509Certificate> chain) {
  static final String AGENT = "bulla";
}
