package dev.bulla.keys;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * RSASSA-PKCS1-v1_5 from a hash (RFC 8017 section 8.2.2). The JDK only offers it from a message,
 * and accepts a second spelling there, a hash identifier without its NULL. Here the expected
 * encoding is built and compared whole, so that no lenient parsing can accept another.
 */
final class Pkcs1 {
  private static final byte[] SHA256_INFO =
      HexFormat.of().parseHex("3031300d060960864801650304020105000420");

  private Pkcs1() {}

  static boolean verifySha256(RSAPublicKey key, byte[] hash, byte[] signature) {
    int length = (key.getModulus().bitLength() + 7) / 8;
    BigInteger value = new BigInteger(1, signature);
    if (signature.length != length || value.compareTo(key.getModulus()) >= 0) {
      return false;
    }
    byte[] expected = new byte[length];
    int info = length - SHA256_INFO.length - hash.length;
    Arrays.fill(expected, 2, info - 1, (byte) 0xff);
    expected[1] = 1;
    System.arraycopy(SHA256_INFO, 0, expected, info, SHA256_INFO.length);
    System.arraycopy(hash, 0, expected, length - hash.length, hash.length);
    BigInteger found = value.modPow(key.getPublicExponent(), key.getModulus());
    return MessageDigest.isEqual(new BigInteger(1, expected).toByteArray(), found.toByteArray());
  }
}
