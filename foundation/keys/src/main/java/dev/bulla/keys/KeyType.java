package dev.bulla.keys;

import dev.bulla.core.crypto.SignatureAlgorithm;

/** The kinds of keys that can sign here. */
public enum KeyType {
  EC_P256,
  EC_P384,
  EC_P521,
  /** 2048 to 8192 bits. */
  RSA,
  ED25519,
  /** Lattices instead of curves (FIPS 204); experimental. */
  ML_DSA_65;

  /** Whether a key of this type can make a signature of {@code algorithm}. */
  public boolean fits(SignatureAlgorithm algorithm) {
    return switch (algorithm) {
      case ECDSA_P256_SHA256 -> this == EC_P256;
      case ECDSA_P384_SHA384, ECDSA_P384_SHA256 -> this == EC_P384;
      case ECDSA_P521_SHA512, ECDSA_P521_SHA256 -> this == EC_P521;
      case RSA_PKCS1_SHA256, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512 -> this == RSA;
      case ED25519, ED25519PH -> this == ED25519;
      case ML_DSA_65 -> this == ML_DSA_65;
    };
  }

  /** Bytes of one coordinate of the curve; 0 for keys that are not on one of the NIST curves. */
  int fieldBytes() {
    return switch (this) {
      case EC_P256 -> 32;
      case EC_P384 -> 48;
      case EC_P521 -> 66;
      case RSA, ED25519, ML_DSA_65 -> 0;
    };
  }
}
