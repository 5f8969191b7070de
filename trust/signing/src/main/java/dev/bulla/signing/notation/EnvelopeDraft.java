package dev.bulla.signing.notation;

import java.util.Optional;

/** An envelope that waits for its signature. */
interface EnvelopeDraft {
  /** The bytes to sign. */
  byte[] toBeSigned();

  /**
   * The finished envelope.
   *
   * @param signature in the form of the envelope
   * @param timestamp a token over that signature
   */
  byte[] finish(byte[] signature, Optional<byte[]> timestamp);
}
