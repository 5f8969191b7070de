package dev.bulla.signing.timestamp;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;

/** An authority that stamps signatures (RFC 3161). Implementations are thread-safe. */
@FunctionalInterface
public interface TimestampSource {
  /**
   * A DER token, with the authority's certificates, over {@code signature}.
   *
   * @param algorithm of the hash that goes to the authority
   * @throws BullaException {@code SERVER_UNAVAILABLE} if it does not answer, {@code
   *     TIMESTAMP_INVALID} if the answer is none to the question
   */
  byte[] stamp(byte[] signature, Digest.Algorithm algorithm);
}
