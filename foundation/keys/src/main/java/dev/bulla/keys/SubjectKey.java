package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A DER SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), sorted by the kind of key.
 *
 * <p>For the NIST curves and Ed25519 the structure in front of the key is a constant, so that it is
 * compared instead of parsed: one accepted spelling (named curve, uncompressed point), and no ASN.1
 * machinery to load.
 */
record SubjectKey(KeyType type, byte[] spki, byte[] key) {
  private static final byte[] P256 = hex("3059301306072a8648ce3d020106082a8648ce3d030107034200");
  private static final byte[] P384 = hex("3076301006072a8648ce3d020106052b81040022036200");
  private static final byte[] P521 = hex("30819b301006072a8648ce3d020106052b81040023038186" + "00");
  private static final byte[] ED25519 = hex("302a300506032b6570032100");
  private static final byte[] RSA_OID = hex("06092a864886f70d010101");
  private static final int MIN_RSA_BITS = 2048;
  private static final int MAX_RSA_BITS = 8192;

  /**
   * @throws BullaException {@link ErrorCode#KEY_UNSUPPORTED} for another kind of key or an RSA key
   *     of an unfit size
   */
  static SubjectKey parse(byte[] spki, String what) {
    if (has(spki, P256, 65)) {
      return point(KeyType.EC_P256, spki, P256, what);
    }
    if (has(spki, P384, 97)) {
      return point(KeyType.EC_P384, spki, P384, what);
    }
    if (has(spki, P521, 133)) {
      return point(KeyType.EC_P521, spki, P521, what);
    }
    if (has(spki, ED25519, 32)) {
      return new SubjectKey(KeyType.ED25519, spki.clone(), rest(spki, ED25519));
    }
    if (has(spki, MlDsa.PREFIX, MlDsa.PUBLIC_KEY_BYTES)) {
      return new SubjectKey(KeyType.ML_DSA_65, spki.clone(), rest(spki, MlDsa.PREFIX));
    }
    if (looksLikeRsa(spki)) {
      SubjectKey rsa = new SubjectKey(KeyType.RSA, spki.clone(), new byte[0]);
      rsa.checkRsa(what);
      return rsa;
    }
    throw new BullaException(
        ErrorCode.KEY_UNSUPPORTED,
        what + ": the public key is of a kind that is not supported",
        "Use ECDSA on P-256, P-384 or P-521 (named curve, uncompressed), RSA or Ed25519.");
  }

  /** The SubjectPublicKeyInfo of an uncompressed point. */
  static byte[] ofPoint(KeyType type, byte[] uncompressed) {
    byte[] prefix =
        switch (type) {
          case EC_P256 -> P256;
          case EC_P384 -> P384;
          case EC_P521 -> P521;
          case ED25519 -> ED25519;
          case ML_DSA_65 -> MlDsa.PREFIX;
          case RSA -> throw new IllegalArgumentException("an RSA key is not a point");
        };
    byte[] spki = Arrays.copyOf(prefix, prefix.length + uncompressed.length);
    System.arraycopy(uncompressed, 0, spki, prefix.length, uncompressed.length);
    return spki;
  }

  /** The JCA's form of the key. */
  PublicKey toPublicKey() {
    if (type == KeyType.ML_DSA_65) {
      return new MlDsa.Public(spki);
    }
    String algorithm =
        switch (type) {
          case EC_P256, EC_P384, EC_P521 -> "EC";
          case RSA -> "RSA";
          case ED25519 -> "Ed25519";
          case ML_DSA_65 -> "ML-DSA";
        };
    try {
      return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(spki));
    } catch (GeneralSecurityException e) {
      throw new BullaException(
          ErrorCode.KEY_INVALID, "the public key cannot be read: " + e.getMessage(), e);
    }
  }

  /** 2048, 3072 and so on for RSA, the curve's size; of ML-DSA the size of the whole key. */
  int bits() {
    return switch (type) {
      case EC_P256, ED25519 -> 256;
      case EC_P384 -> 384;
      case EC_P521 -> 521;
      case ML_DSA_65 -> MlDsa.PUBLIC_KEY_BYTES * 8;
      case RSA -> ((RSAPublicKey) toPublicKey()).getModulus().bitLength();
    };
  }

  private void checkRsa(String what) {
    RSAPublicKey rsa = (RSAPublicKey) toPublicKey();
    int bits = rsa.getModulus().bitLength();
    if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS || rsa.getPublicExponent().bitLength() > 33) {
      throw new BullaException(
          ErrorCode.KEY_UNSUPPORTED,
          "%s: an RSA key of %d bits, expected %d to %d and a small public exponent"
              .formatted(what, bits, MIN_RSA_BITS, MAX_RSA_BITS));
    }
  }

  private static SubjectKey point(KeyType type, byte[] spki, byte[] prefix, String what) {
    byte[] point = rest(spki, prefix);
    if (point[0] != 4) {
      throw new BullaException(
          ErrorCode.KEY_UNSUPPORTED, what + ": the point of the key is not uncompressed");
    }
    return new SubjectKey(type, spki.clone(), point);
  }

  private static boolean looksLikeRsa(byte[] spki) {
    for (int at = 0; at + RSA_OID.length <= Math.min(spki.length, 24); at++) {
      if (Arrays.equals(spki, at, at + RSA_OID.length, RSA_OID, 0, RSA_OID.length)) {
        return true;
      }
    }
    return false;
  }

  private static boolean has(byte[] spki, byte[] prefix, int keyLength) {
    return spki.length == prefix.length + keyLength
        && Arrays.equals(spki, 0, prefix.length, prefix, 0, prefix.length);
  }

  private static byte[] rest(byte[] spki, byte[] prefix) {
    return Arrays.copyOfRange(spki, prefix.length, spki.length);
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }
}
