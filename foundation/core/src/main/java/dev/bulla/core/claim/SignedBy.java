package dev.bulla.core.claim;

import dev.bulla.core.crypto.SignatureAlgorithm;
import java.util.Optional;

/**
 * With what a signature was made. Known as soon as the signature itself was found good, whether or
 * not anybody believes its signer.
 *
 * @param algorithm by which it verified
 * @param second of a dual signature: the algorithm of the other signature over the same bytes
 * @param key SHA-256 of the public key (SubjectPublicKeyInfo), hexadecimal, lower case
 * @param keyBits size of the RSA modulus or of the curve's field
 * @param certificate of the key, if the signature came with one
 */
public record SignedBy(
    SignatureAlgorithm algorithm,
    Optional<SignatureAlgorithm> second,
    String key,
    int keyBits,
    Optional<CertificateFacts> certificate) {

  /**
   * As trust policies name it: {@code ecdsa-p256-sha256}, of a dual signature {@code
   * ecdsa-p256-sha256+ml-dsa-65}.
   */
  public String algorithmId() {
    return algorithm.id() + second.map(one -> "+" + one.id()).orElse("");
  }
}
