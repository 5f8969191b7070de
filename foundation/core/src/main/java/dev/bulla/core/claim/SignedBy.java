package dev.bulla.core.claim;

import dev.bulla.core.crypto.SignatureAlgorithm;
import java.util.Optional;

/**
 * With what a signature was made. Known as soon as the signature itself was found good, whether or
 * not anybody believes its signer.
 *
 * @param algorithm by which it verified
 * @param key SHA-256 of the public key (SubjectPublicKeyInfo), hexadecimal, lower case
 * @param keyBits size of the RSA modulus or of the curve's field
 * @param certificate of the key, if the signature came with one
 */
public record SignedBy(
    SignatureAlgorithm algorithm,
    String key,
    int keyBits,
    Optional<CertificateFacts> certificate) {}
