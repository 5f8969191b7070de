package dev.bulla.core.crypto;

import java.util.Locale;

/**
 * A signature scheme with its hash; ECDSA signatures are ASN.1 DER at the ports, formats that want
 * r‖s convert.
 */
public enum SignatureAlgorithm {
  ECDSA_P256_SHA256,
  ECDSA_P384_SHA384,
  ECDSA_P521_SHA512,
  /** Old sigstore bundles sign with P-384 and P-521 over SHA-256. */
  ECDSA_P384_SHA256,
  ECDSA_P521_SHA256,
  RSA_PKCS1_SHA256,
  RSA_PSS_SHA256,
  RSA_PSS_SHA384,
  RSA_PSS_SHA512,
  ED25519,
  ED25519PH,
  /** FIPS 204, pure, with an empty context; experimental. */
  ML_DSA_65;

  /** As documents write it: {@code ecdsa-p256-sha256}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether it is believed only where somebody says so by name. */
  public boolean isExperimental() {
    return this == ML_DSA_65;
  }
}
