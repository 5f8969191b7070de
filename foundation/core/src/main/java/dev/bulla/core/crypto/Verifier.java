package dev.bulla.core.crypto;

import java.security.PublicKey;

/** Checks signatures with one public key. Thread-safe. */
public interface Verifier {
  PublicKey publicKey();

  /**
   * Whether {@code signature} is this key's over {@code message}. A malformed signature, or an
   * algorithm that does not fit the key, is simply not a signature: false.
   */
  boolean verify(SignatureAlgorithm algorithm, byte[] message, byte[] signature);
}
