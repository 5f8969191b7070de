package dev.bulla.signing.sigstore;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One DER element (X.690) over the bytes that it came from, for taking structures apart without
 * writing them anew.
 */
record Der(int tag, byte[] content, byte[] encoded) {

  /** The one element that {@code bytes} are; {@link ErrorCode#CERTIFICATE_INVALID} otherwise. */
  static Der parse(byte[] bytes) {
    Der element = at(bytes, 0);
    if (element.encoded.length != bytes.length) {
      throw malformed();
    }
    return element;
  }

  /** The elements of a constructed one. */
  List<Der> children() {
    List<Der> all = new ArrayList<>();
    for (int at = 0; at < content.length; ) {
      Der child = at(content, at);
      all.add(child);
      at += child.encoded.length;
    }
    return all;
  }

  static byte[] encode(int tag, byte[] content) {
    int length = content.length;
    byte[] head;
    if (length < 0x80) {
      head = new byte[] {(byte) tag, (byte) length};
    } else if (length < 0x100) {
      head = new byte[] {(byte) tag, (byte) 0x81, (byte) length};
    } else if (length < 0x10000) {
      head = new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
    } else {
      head =
          new byte[] {
            (byte) tag, (byte) 0x83, (byte) (length >> 16), (byte) (length >> 8), (byte) length
          };
    }
    byte[] encoded = Arrays.copyOf(head, head.length + length);
    System.arraycopy(content, 0, encoded, head.length, length);
    return encoded;
  }

  private static Der at(byte[] bytes, int start) {
    if (start + 2 > bytes.length || (bytes[start] & 0x1f) == 0x1f) {
      throw malformed();
    }
    int at = start + 2;
    int length = bytes[start + 1] & 0xff;
    if (length > 0x80 && length < 0x84) {
      int octets = length - 0x80;
      if (at + octets > bytes.length) {
        throw malformed();
      }
      length = 0;
      for (int i = 0; i < octets; i++) {
        length = length << 8 | bytes[at++] & 0xff;
      }
    } else if (length >= 0x80) {
      throw malformed();
    }
    if (length > bytes.length - at) {
      throw malformed();
    }
    return new Der(
        bytes[start] & 0xff,
        Arrays.copyOfRange(bytes, at, at + length),
        Arrays.copyOfRange(bytes, start, at + length));
  }

  private static BullaException malformed() {
    return new BullaException(ErrorCode.CERTIFICATE_INVALID, "a certificate is not readable DER");
  }
}
