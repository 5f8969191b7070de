package dev.bulla.signing.sigstore;

import dev.bulla.core.Digest;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.core.envelope.DsseEnvelope;
import dev.bulla.keys.PublicKeyVerifier;
import java.security.cert.X509Certificate;
import java.util.Optional;

/**
 * A signature that was found to be good, with everything that a log entry about it must agree with.
 *
 * @param certificate of the key, if the signature came with one
 * @param key that made it
 * @param algorithm by which it verified
 * @param message what it is over
 * @param envelope around the payload, if the message is one
 */
public record SignedMaterial(
    Optional<X509Certificate> certificate,
    PublicKeyVerifier key,
    SignatureAlgorithm algorithm,
    byte[] signature,
    Message message,
    Optional<DsseEnvelope> envelope) {

  /** The signed message, of which only hashes may be at hand. */
  @FunctionalInterface
  public interface Message {
    /** Its hash; empty if it is not known by this algorithm. */
    Optional<Digest> digest(Digest.Algorithm algorithm);

    static Message of(byte[] bytes) {
      return algorithm -> Optional.of(Digest.of(algorithm, bytes));
    }
  }
}
