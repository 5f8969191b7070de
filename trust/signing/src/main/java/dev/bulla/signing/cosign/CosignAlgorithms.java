package dev.bulla.signing.cosign;

import dev.bulla.core.Digest;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.keys.KeyType;
import java.util.List;
import java.util.Optional;

/** Which signatures of a key Sigstore's clients make and accept. */
final class CosignAlgorithms {
  private CosignAlgorithms() {}

  /** What cosign 3 signs a statement with: the hash that belongs to the curve, PKCS#1 for RSA. */
  static SignatureAlgorithm forSigning(KeyType type) {
    return switch (type) {
      case EC_P256 -> SignatureAlgorithm.ECDSA_P256_SHA256;
      case EC_P384 -> SignatureAlgorithm.ECDSA_P384_SHA384;
      case EC_P521 -> SignatureAlgorithm.ECDSA_P521_SHA512;
      case RSA -> SignatureAlgorithm.RSA_PKCS1_SHA256;
      case ED25519 -> SignatureAlgorithm.ED25519;
      case ML_DSA_65 -> SignatureAlgorithm.ML_DSA_65;
    };
  }

  /** The digest of a message that a bundle names beside a signature by {@code algorithm}. */
  static Digest.Algorithm messageDigest(SignatureAlgorithm algorithm) {
    return switch (algorithm) {
      case ECDSA_P256_SHA256,
          ECDSA_P384_SHA256,
          ECDSA_P521_SHA256,
          RSA_PKCS1_SHA256,
          RSA_PSS_SHA256,
          ED25519,
          ML_DSA_65 ->
          Digest.Algorithm.SHA256;
      case ECDSA_P384_SHA384, RSA_PSS_SHA384 -> Digest.Algorithm.SHA384;
      case ECDSA_P521_SHA512, RSA_PSS_SHA512, ED25519PH -> Digest.Algorithm.SHA512;
    };
  }

  /**
   * What is accepted, likeliest first. Old bundles and signatures by P-384 and P-521 are over
   * SHA-256.
   *
   * @param hash the only one to accept, if the user says so
   */
  static List<SignatureAlgorithm> forVerifying(KeyType type, Optional<Digest.Algorithm> hash) {
    return switch (type) {
      case EC_P256 ->
          only(hash, Digest.Algorithm.SHA256, List.of(SignatureAlgorithm.ECDSA_P256_SHA256));
      case EC_P384 ->
          either(
              hash,
              Digest.Algorithm.SHA384,
              SignatureAlgorithm.ECDSA_P384_SHA384,
              SignatureAlgorithm.ECDSA_P384_SHA256);
      case EC_P521 ->
          either(
              hash,
              Digest.Algorithm.SHA512,
              SignatureAlgorithm.ECDSA_P521_SHA512,
              SignatureAlgorithm.ECDSA_P521_SHA256);
      case RSA -> only(hash, Digest.Algorithm.SHA256, List.of(SignatureAlgorithm.RSA_PKCS1_SHA256));
      case ED25519 -> List.of(SignatureAlgorithm.ED25519, SignatureAlgorithm.ED25519PH);
      case ML_DSA_65 -> List.of(SignatureAlgorithm.ML_DSA_65);
    };
  }

  private static List<SignatureAlgorithm> only(
      Optional<Digest.Algorithm> hash, Digest.Algorithm own, List<SignatureAlgorithm> algorithms) {
    return hash.isEmpty() || hash.get() == own ? algorithms : List.of();
  }

  private static List<SignatureAlgorithm> either(
      Optional<Digest.Algorithm> hash,
      Digest.Algorithm own,
      SignatureAlgorithm first,
      SignatureAlgorithm old) {
    if (hash.isEmpty()) {
      return List.of(first, old);
    }
    if (hash.get() == own) {
      return List.of(first);
    }
    return hash.get() == Digest.Algorithm.SHA256 ? List.of(old) : List.of();
  }
}
