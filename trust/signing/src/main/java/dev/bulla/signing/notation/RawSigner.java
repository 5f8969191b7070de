package dev.bulla.signing.notation;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/** Signs bytes with one of Notation's algorithms. Thread-safe. */
interface RawSigner {
  /**
   * A signature with who made it.
   *
   * @param signature as an envelope holds it
   * @param chain leaf first
   */
  record Signed(byte[] signature, List<X509Certificate> chain) {}

  NotationAlgorithm algorithm();

  /** What the envelope names as the program that signed. */
  String agent();

  /**
   * @param now at which the certificates must be valid
   */
  Signed sign(byte[] toBeSigned, Instant now);
}
