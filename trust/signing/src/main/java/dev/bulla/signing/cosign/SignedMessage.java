package dev.bulla.signing.cosign;

import dev.bulla.core.Digest;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.core.envelope.DsseEnvelope;
import dev.bulla.keys.PublicKeyVerifier;
import dev.bulla.signing.sigstore.SignedMaterial;
import java.util.Optional;
import java.util.function.Supplier;

/** What a signature is over. */
sealed interface SignedMessage {
  boolean verifies(PublicKeyVerifier key, SignatureAlgorithm algorithm, byte[] signature);

  SignedMaterial.Message digests();

  default Optional<DsseEnvelope> envelope() {
    return Optional.empty();
  }

  /** A payload in an envelope: signed as its pre-authentication encoding. */
  record Enveloped(DsseEnvelope content) implements SignedMessage {
    @Override
    public boolean verifies(PublicKeyVerifier key, SignatureAlgorithm algorithm, byte[] signature) {
      return key.verify(algorithm, content.toBeSigned(), signature);
    }

    @Override
    public SignedMaterial.Message digests() {
      return SignedMaterial.Message.of(content.toBeSigned());
    }

    @Override
    public Optional<DsseEnvelope> envelope() {
      return Optional.of(content);
    }
  }

  /** Bytes at hand. */
  record Bytes(byte[] content) implements SignedMessage {
    @Override
    public boolean verifies(PublicKeyVerifier key, SignatureAlgorithm algorithm, byte[] signature) {
      return key.verify(algorithm, content, signature);
    }

    @Override
    public SignedMaterial.Message digests() {
      return SignedMaterial.Message.of(content);
    }
  }

  /**
   * An artifact of which hashes are at hand, and perhaps, on demand, the whole: pure Ed25519 and
   * ML-DSA are over the bytes themselves.
   */
  record Hashed(SignedMaterial.Message digests, Optional<Supplier<byte[]>> whole)
      implements SignedMessage {
    @Override
    public boolean verifies(PublicKeyVerifier key, SignatureAlgorithm algorithm, byte[] signature) {
      if (algorithm == SignatureAlgorithm.ED25519 || algorithm == SignatureAlgorithm.ML_DSA_65) {
        return key.type().fits(algorithm)
            && whole.filter(bytes -> key.verify(algorithm, bytes.get(), signature)).isPresent();
      }
      return key.prehash(algorithm)
          .flatMap(digests::digest)
          .map(Digest::bytes)
          .filter(hash -> key.verifyPrehashed(algorithm, hash, signature))
          .isPresent();
    }
  }
}
