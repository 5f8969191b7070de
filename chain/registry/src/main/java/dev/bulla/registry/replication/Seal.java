package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.core.envelope.DsseEnvelope;
import dev.bulla.core.envelope.Pae;
import dev.bulla.keys.KeyFiles;
import dev.bulla.keys.LocalSigner;
import dev.bulla.keys.PublicKeyVerifier;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Signs checkpoints and receipts with the key of a home, as DSSE envelopes. Thread-safe. */
public final class Seal {
  private final LocalSigner signer;

  public Seal(LocalSigner signer) {
    this.signer = signer;
  }

  /** The public key, PEM. */
  public String key() {
    return new String(KeyFiles.publicKeyPem(signer.verifier()), StandardCharsets.US_ASCII);
  }

  /** Whether a fingerprint is of this key. */
  boolean isOwn(String fingerprint) {
    return signer.verifier().fingerprint().equals(fingerprint);
  }

  /** The fingerprint of a public key in PEM; empty if it is none. */
  static Optional<String> fingerprint(String key) {
    try {
      return Optional.of(
          PublicKeyVerifier.ofPem(key.getBytes(StandardCharsets.US_ASCII), "key of a registry")
              .fingerprint());
    } catch (BullaException e) {
      return Optional.empty();
    }
  }

  DsseEnvelope sign(String payloadType, byte[] payload) {
    byte[] signature = signer.sign(algorithm(signer.verifier()), Pae.encode(payloadType, payload));
    String keyId = signer.verifier().fingerprint();
    return new DsseEnvelope(
        payloadType, payload, List.of(new DsseEnvelope.Signature(Optional.of(keyId), signature)));
  }

  /** Whether {@code envelope} is of this type and one of its signatures is by {@code key}. */
  static boolean isBy(String key, String payloadType, DsseEnvelope envelope) {
    PublicKeyVerifier verifier;
    try {
      verifier =
          PublicKeyVerifier.ofPem(key.getBytes(StandardCharsets.US_ASCII), "key of a registry");
    } catch (BullaException e) {
      return false;
    }
    return envelope.payloadType().equals(payloadType)
        && envelope.signatures().stream()
            .anyMatch(
                one -> verifier.verify(algorithm(verifier), envelope.toBeSigned(), one.value()));
  }

  private static SignatureAlgorithm algorithm(PublicKeyVerifier key) {
    for (SignatureAlgorithm one : SignatureAlgorithm.values()) {
      if (key.type().fits(one)) {
        return one;
      }
    }
    throw new IllegalArgumentException("no algorithm for " + key);
  }
}
