package dev.bulla.signing.notation;

import java.time.Instant;
import java.util.Optional;

/**
 * What the signer writes into an envelope beside the signature: scheme {@code notary.x509}.
 *
 * @param payload JSON
 * @param signed in whole seconds
 * @param expiry in whole seconds
 * @param agent the program that signs; not protected
 */
record SignedAttributes(
    NotationAlgorithm algorithm,
    byte[] payload,
    Instant signed,
    Optional<Instant> expiry,
    String agent) {
  static final String AGENT = "bulla";
}
