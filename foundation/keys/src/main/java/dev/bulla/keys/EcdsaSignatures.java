package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;

/**
 * The two encodings of an ECDSA signature: ASN.1 DER (X.509, Sigstore) and r‖s of fixed width (JWS,
 * COSE; RFC 7518 section 3.4).
 *
 * <p>Reading is strict: one encoding per signature, so that nobody can make a second spelling of a
 * valid one.
 */
public final class EcdsaSignatures {
  private EcdsaSignatures() {}

  /**
   * r‖s, each {@code fieldBytes} wide, from DER.
   *
   * @throws BullaException {@link ErrorCode#SIGNATURE_MALFORMED}
   */
  public static byte[] toRaw(byte[] der, int fieldBytes) {
    BigInteger[] rs =
        readDer(der, fieldBytes)
            .orElseThrow(() ->
                new BullaException(
                    ErrorCode.SIGNATURE_MALFORMED, "the ECDSA signature is not strict DER"));
    byte[] raw = new byte[2 * fieldBytes];
    put(rs[0], raw, fieldBytes);
    put(rs[1], raw, 2 * fieldBytes);
    return raw;
  }

  /**
   * DER from r‖s.
   *
   * @throws BullaException {@link ErrorCode#SIGNATURE_MALFORMED} unless it is {@code 2 *
   *     fieldBytes} long
   */
  public static byte[] toDer(byte[] raw, int fieldBytes) {
    if (raw.length != 2 * fieldBytes) {
      throw new BullaException(
          ErrorCode.SIGNATURE_MALFORMED,
          "the ECDSA signature has %d bytes, expected r and s of %d bytes each%s"
              .formatted(
                  raw.length,
                  fieldBytes,
                  raw.length > 0 && raw[0] == 0x30 ? " (it looks like DER)" : ""));
    }
    byte[] r = integer(Arrays.copyOf(raw, fieldBytes));
    byte[] s = integer(Arrays.copyOfRange(raw, fieldBytes, 2 * fieldBytes));
    int length = r.length + s.length;
    int head = length < 128 ? 2 : 3;
    byte[] der = new byte[head + length];
    der[0] = 0x30;
    if (head == 3) {
      der[1] = (byte) 0x81;
    }
    der[head - 1] = (byte) length;
    System.arraycopy(r, 0, der, head, r.length);
    System.arraycopy(s, 0, der, head + r.length, s.length);
    return der;
  }

  /**
   * r and s of a strict DER signature, both positive and at most {@code fieldBytes} wide; empty if
   * it is not one.
   */
  static Optional<BigInteger[]> readDer(byte[] der, int fieldBytes) {
    if (der.length < 8 || der[0] != 0x30) {
      return Optional.empty();
    }
    int at = 1;
    int length = der[at++] & 0xff;
    if (length == 0x81) {
      length = der[at++] & 0xff;
      if (length < 128) {
        return Optional.empty();
      }
    } else if (length > 127) {
      return Optional.empty();
    }
    if (at + length != der.length) {
      return Optional.empty();
    }
    BigInteger[] rs = new BigInteger[2];
    for (int i = 0; i < 2; i++) {
      if (at + 2 > der.length || der[at] != 0x02) {
        return Optional.empty();
      }
      int size = der[at + 1] & 0xff;
      at += 2;
      if (size == 0
          || size > fieldBytes + 1
          || at + size > der.length
          || !minimalPositive(der, at, size)) {
        return Optional.empty();
      }
      rs[i] = new BigInteger(der, at, size);
      if (rs[i].bitLength() > 8 * fieldBytes) {
        return Optional.empty();
      }
      at += size;
    }
    return at == der.length ? Optional.of(rs) : Optional.empty();
  }

  private static boolean minimalPositive(byte[] der, int at, int size) {
    if (der[at] < 0) {
      return false;
    }
    return der[at] != 0 || size > 1 && der[at + 1] < 0;
  }

  private static byte[] integer(byte[] unsigned) {
    byte[] value = new BigInteger(1, unsigned).toByteArray();
    byte[] encoded = new byte[2 + value.length];
    encoded[0] = 0x02;
    encoded[1] = (byte) value.length;
    System.arraycopy(value, 0, encoded, 2, value.length);
    return encoded;
  }

  private static void put(BigInteger value, byte[] target, int end) {
    byte[] bytes = value.toByteArray();
    int from = bytes[0] == 0 && bytes.length > 1 ? 1 : 0;
    System.arraycopy(bytes, from, target, end - (bytes.length - from), bytes.length - from);
  }
}
