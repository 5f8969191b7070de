package dev.bulla.signing.notation;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes CBOR (RFC 8949) in its shortest form, one item after another; the caller keeps the counts.
 * Not thread-safe.
 */
final class CborWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  CborWriter whole(long value) {
    return value < 0 ? head(1, -1 - value) : head(0, value);
  }

  /** A byte string. */
  CborWriter string(byte[] bytes) {
    head(2, bytes.length);
    out.writeBytes(bytes);
    return this;
  }

  CborWriter text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    head(3, bytes.length);
    out.writeBytes(bytes);
    return this;
  }

  /** The beginning of an array. */
  CborWriter items(int count) {
    return head(4, count);
  }

  /** The beginning of a map. */
  CborWriter table(int pairs) {
    return head(5, pairs);
  }

  CborWriter tag(int tag) {
    return head(6, tag);
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  private CborWriter head(int major, long argument) {
    int type = major << 5;
    if (argument < 24) {
      out.write(type | (int) argument);
      return this;
    }
    int octets = argument < 0x100 ? 1 : argument < 0x10000 ? 2 : argument < 0x100000000L ? 4 : 8;
    out.write(type | (octets == 1 ? 24 : octets == 2 ? 25 : octets == 4 ? 26 : 27));
    for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) {
      out.write((int) (argument >> shift));
    }
    return this;
  }
}
