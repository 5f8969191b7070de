package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.keys.EcdsaSignatures;
import dev.bulla.keys.PublicKeyVerifier;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The six algorithms of the Notary Project (signature specification 1.1, "Signature Algorithm
 * Requirements").
 */
enum NotationAlgorithm {
  PS256(SignatureAlgorithm.RSA_PSS_SHA256, -37, 0, "RSA-2048"),
  PS384(SignatureAlgorithm.RSA_PSS_SHA384, -38, 0, "RSA-3072"),
  PS512(SignatureAlgorithm.RSA_PSS_SHA512, -39, 0, "RSA-4096"),
  ES256(SignatureAlgorithm.ECDSA_P256_SHA256, -7, 32, "EC-256"),
  ES384(SignatureAlgorithm.ECDSA_P384_SHA384, -35, 48, "EC-384"),
  ES512(SignatureAlgorithm.ECDSA_P521_SHA512, -36, 66, "EC-521");

  private final SignatureAlgorithm algorithm;
  private final int coseId;
  private final int fieldBytes;
  private final String keySpec;

  NotationAlgorithm(SignatureAlgorithm algorithm, int coseId, int fieldBytes, String keySpec) {
    this.algorithm = algorithm;
    this.coseId = coseId;
    this.fieldBytes = fieldBytes;
    this.keySpec = keySpec;
  }

  SignatureAlgorithm algorithm() {
    return algorithm;
  }

  /** The hash inside the algorithm. */
  Digest.Algorithm hash() {
    return switch (this) {
      case PS256, ES256 -> Digest.Algorithm.SHA256;
      case PS384, ES384 -> Digest.Algorithm.SHA384;
      case PS512, ES512 -> Digest.Algorithm.SHA512;
    };
  }

  int coseId() {
    return coseId;
  }

  /** Of one coordinate of ECDSA; 0 for RSA. */
  int fieldBytes() {
    return fieldBytes;
  }

  /** The kind of key, as plugins name it (plugin-extensibility.md). */
  String keySpec() {
    return keySpec;
  }

  static Optional<NotationAlgorithm> ofKeySpec(String spec) {
    return Stream.of(values()).filter(one -> one.keySpec.equals(spec)).findFirst();
  }

  /** The hash, as plugins name it: {@code SHA-256}. */
  String pluginHash() {
    return "SHA-" + hash().hexLength() * 4;
  }

  /** The algorithm, as plugins name it: {@code ECDSA-SHA-256}. */
  String pluginAlgorithm() {
    return (fieldBytes == 0 ? "RSASSA-PSS-" : "ECDSA-") + pluginHash();
  }

  /**
   * The one algorithm that belongs to a key.
   *
   * @throws BullaException {@link ErrorCode#SIGNATURE_ALGORITHM} if Notation has none for it
   */
  static NotationAlgorithm of(PublicKeyVerifier key) {
    return switch (key.type()) {
      case EC_P256 -> ES256;
      case EC_P384 -> ES384;
      case EC_P521 -> ES512;
      case RSA ->
          switch (key.bits()) {
            case 2048 -> PS256;
            case 3072 -> PS384;
            case 4096 -> PS512;
            default -> throw unfit("an RSA key of " + key.bits() + " bits");
          };
      case ED25519 -> throw unfit("an Ed25519 key");
      case ML_DSA_65 -> throw unfit("an ML-DSA key");
    };
  }

  /** The signature as the envelope holds it, from the port's form. */
  byte[] toEnvelope(byte[] signature) {
    return fieldBytes == 0 ? signature : EcdsaSignatures.toRaw(signature, fieldBytes);
  }

  /** The port's form, from what the envelope holds. */
  byte[] fromEnvelope(byte[] signature) {
    return fieldBytes == 0 ? signature : EcdsaSignatures.toDer(signature, fieldBytes);
  }

  private static BullaException unfit(String what) {
    return new BullaException(
        ErrorCode.SIGNATURE_ALGORITHM,
        what
            + " cannot make Notation signatures: expected RSA 2048, 3072, 4096 or ECDSA P-256,"
            + " P-384, P-521");
  }
}
