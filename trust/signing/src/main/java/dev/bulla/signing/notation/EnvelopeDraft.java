package dev.bulla.signing.notation;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/** An envelope that waits for its signature. */
interface EnvelopeDraft {
  /** The bytes to sign. */
  byte[] toBeSigned();

  /**
   * The finished envelope.
   *
   * @param signature in the form of the envelope
   * @param chain leaf first
   * @param timestamp a token over that signature
   */
  byte[] finish(byte[] signature, List<X509Certificate> chain, Optional<byte[]> timestamp);
}
