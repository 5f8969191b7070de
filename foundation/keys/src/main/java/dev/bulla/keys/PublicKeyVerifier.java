package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.core.crypto.Verifier;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.jspecify.annotations.Nullable;

/**
 * Checks signatures with one public key. Immutable and thread-safe.
 *
 * <p>ECDSA and Ed25519 use Bouncy Castle's lightweight classes directly: in a process that verifies
 * one signature and ends, they cost half of what the JDK's provider look-up and curve set-up cost.
 * In a process that verifies many, native code takes over for ECDSA ({@link CryptoProvider}).
 * RSA-PSS is the JDK's; PKCS#1 v1.5 is not, because the JDK accepts two spellings of a signature.
 * Hashing is the JDK's.
 */
public final class PublicKeyVerifier implements Verifier {
  private final SubjectKey key;
  private final Optional<ECPublicKeyParameters> curvePoint;

  /** Made when first needed; two threads may both make it. */
  private volatile @Nullable PublicKey nativeKey;

  private PublicKeyVerifier(SubjectKey key, Optional<ECPublicKeyParameters> curvePoint) {
    this.key = key;
    this.curvePoint = curvePoint;
  }

  /**
   * From a DER SubjectPublicKeyInfo.
   *
   * @param what names the key in errors
   * @throws BullaException {@link ErrorCode#KEY_UNSUPPORTED} for another kind of key, {@link
   *     ErrorCode#KEY_INVALID} for a point that is not on its curve
   */
  public static PublicKeyVerifier of(byte[] subjectPublicKeyInfo, String what) {
    SubjectKey key = SubjectKey.parse(subjectPublicKeyInfo, what);
    return new PublicKeyVerifier(key, curvePoint(key, what));
  }

  public static PublicKeyVerifier of(PublicKey publicKey) {
    return of(encoded(publicKey), "public key");
  }

  /** From PEM text; see {@link KeyFiles#publicKey}. */
  public static PublicKeyVerifier ofPem(byte[] pem, String what) {
    return of(KeyFiles.publicKey(pem, what), what);
  }

  @Override
  public PublicKey publicKey() {
    return key.toPublicKey();
  }

  public KeyType type() {
    return key.type();
  }

  /** The size of an RSA modulus or of the curve's field, in bits. */
  public int bits() {
    return key.bits();
  }

  /** The DER SubjectPublicKeyInfo. */
  public byte[] subjectPublicKeyInfo() {
    return key.spki().clone();
  }

  /** The SHA-256 of the SubjectPublicKeyInfo, lower-case hex: how Bulla names a key. */
  public String fingerprint() {
    return HexFormat.of().formatHex(sha256(key.spki()));
  }

  /** The SHA-256 of the SubjectPublicKeyInfo in base64: how a Sigstore bundle hints at a key. */
  public String hint() {
    return Base64.getEncoder().encodeToString(sha256(key.spki()));
  }

  @Override
  public boolean verify(SignatureAlgorithm algorithm, byte[] message, byte[] signature) {
    if (!key.type().fits(algorithm)) {
      return false;
    }
    return switch (algorithm) {
      case ECDSA_P256_SHA256, ECDSA_P384_SHA256, ECDSA_P521_SHA256 ->
          verifyEcdsa("SHA-256", message, signature);
      case ECDSA_P384_SHA384 -> verifyEcdsa("SHA-384", message, signature);
      case ECDSA_P521_SHA512 -> verifyEcdsa("SHA-512", message, signature);
      case ED25519 -> verifyEd25519(message, signature);
      case ED25519PH -> verifyEd25519Prehashed(message, signature);
      case ML_DSA_65 -> MlDsa.verify(key.key(), message, signature);
      case RSA_PKCS1_SHA256 ->
          Pkcs1.verifySha256((RSAPublicKey) key.toPublicKey(), sha256(message), signature);
      case RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512 ->
          verifyByProvider(algorithm, message, signature);
    };
  }

  /**
   * The hash with which {@link #verifyPrehashed} is to be fed; empty if {@code algorithm} cannot be
   * verified from a hash or does not fit the key.
   */
  public Optional<Digest.Algorithm> prehash(SignatureAlgorithm algorithm) {
    if (!key.type().fits(algorithm)) {
      return Optional.empty();
    }
    return switch (algorithm) {
      case ECDSA_P256_SHA256, ECDSA_P384_SHA256, ECDSA_P521_SHA256, RSA_PKCS1_SHA256 ->
          Optional.of(Digest.Algorithm.SHA256);
      case ECDSA_P384_SHA384 -> Optional.of(Digest.Algorithm.SHA384);
      case ECDSA_P521_SHA512, ED25519PH -> Optional.of(Digest.Algorithm.SHA512);
      case RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, ED25519, ML_DSA_65 -> Optional.empty();
    };
  }

  /**
   * As {@link #verify} for a message of which only the hash is at hand, because it is long or
   * elsewhere.
   *
   * @param hash of the kind that {@link #prehash} says
   */
  public boolean verifyPrehashed(SignatureAlgorithm algorithm, byte[] hash, byte[] signature) {
    Optional<Digest.Algorithm> kind = prehash(algorithm);
    if (kind.isEmpty() || hash.length * 2 != kind.get().hexLength()) {
      return false;
    }
    return switch (key.type()) {
      case EC_P256, EC_P384, EC_P521 -> verifyEcdsaHash(hash, signature);
      case ED25519 ->
          signature.length == Ed25519.SIGNATURE_SIZE
              && Ed25519.verifyPrehash(signature, 0, key.key(), 0, new byte[0], hash, 0);
      case RSA -> Pkcs1.verifySha256((RSAPublicKey) key.toPublicKey(), hash, signature);
      case ML_DSA_65 -> false; // is over the message itself
    };
  }

  /** ECDSA with any SHA-2 hash, as certificates use it; false for another kind of key. */
  boolean verifyEcdsa(String hash, byte[] message, byte[] signature) {
    return verifyEcdsaHash(digest(hash, message), signature);
  }

  private boolean verifyEcdsaHash(byte[] hash, byte[] signature) {
    if (curvePoint.isEmpty()) {
      return false;
    }
    Optional<BigInteger[]> rs = EcdsaSignatures.readDer(signature, key.type().fieldBytes());
    if (rs.isEmpty()) {
      return false;
    }
    Optional<NativeEcdsa> fast = CryptoProvider.ecdsa();
    if (fast.isPresent()) {
      return verifyNative(fast.get(), hash, signature);
    }
    ECDSASigner verifier = new ECDSASigner();
    verifier.init(false, curvePoint.get());
    return verifier.verifySignature(hash, rs.get()[0], rs.get()[1]);
  }

  private boolean verifyNative(NativeEcdsa engine, byte[] hash, byte[] signature) {
    try {
      PublicKey own = nativeKey;
      if (own == null) {
        own = engine.key(key.spki());
        nativeKey = own;
      }
      return engine.verify(own, hash, signature);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the native provider does not take " + this, e);
    }
  }

  private boolean verifyEd25519(byte[] message, byte[] signature) {
    return signature.length == Ed25519.SIGNATURE_SIZE
        && Ed25519.verify(signature, 0, key.key(), 0, message, 0, message.length);
  }

  private boolean verifyEd25519Prehashed(byte[] message, byte[] signature) {
    return signature.length == Ed25519.SIGNATURE_SIZE
        && Ed25519.verifyPrehash(
            signature, 0, key.key(), 0, new byte[0], digest("SHA-512", message), 0);
  }

  private boolean verifyByProvider(SignatureAlgorithm algorithm, byte[] message, byte[] signature) {
    try {
      Signature verifier = JcaSignatures.of(algorithm);
      verifier.initVerify(key.toPublicKey());
      verifier.update(message);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static Optional<ECPublicKeyParameters> curvePoint(SubjectKey key, String what) {
    String curve =
        switch (key.type()) {
          case EC_P256 -> "P-256";
          case EC_P384 -> "P-384";
          case EC_P521 -> "P-521";
          case RSA, ML_DSA_65 -> "";
          case ED25519 -> checkedEdwards(key, what);
        };
    if (curve.isEmpty()) {
      return Optional.empty();
    }
    X9ECParameters parameters = CustomNamedCurves.getByName(curve);
    ECDomainParameters domain =
        new ECDomainParameters(
            parameters.getCurve(), parameters.getG(), parameters.getN(), parameters.getH());
    try {
      return Optional.of(
          new ECPublicKeyParameters(parameters.getCurve().decodePoint(key.key()), domain));
    } catch (IllegalArgumentException e) {
      throw new BullaException(
          ErrorCode.KEY_INVALID, what + ": the key is not a point of " + curve, e);
    }
  }

  private static String checkedEdwards(SubjectKey key, String what) {
    try {
      new Ed25519PublicKeyParameters(key.key(), 0);
      return "";
    } catch (IllegalArgumentException e) {
      throw new BullaException(ErrorCode.KEY_INVALID, what + ": not an Ed25519 key", e);
    }
  }

  static byte[] encoded(PublicKey publicKey) {
    byte[] encoded = publicKey.getEncoded();
    if (encoded == null) {
      throw new BullaException(
          ErrorCode.KEY_UNSUPPORTED,
          "the public key has no encoded form: " + publicKey.getAlgorithm());
    }
    return encoded;
  }

  private static byte[] sha256(byte[] bytes) {
    return digest("SHA-256", bytes);
  }

  private static byte[] digest(String hash, byte[] bytes) {
    try {
      return MessageDigest.getInstance(hash).digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java runtime lacks " + hash, e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PublicKeyVerifier that && Arrays.equals(key.spki(), that.key.spki());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(key.spki());
  }

  @Override
  public String toString() {
    return key.type() + " key sha256:" + fingerprint();
  }
}
