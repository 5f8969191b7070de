package dev.bulla.oci;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Builds tar archives block by block, also such as no honest program writes. */
final class TarBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  TarBytes file(String name, byte[] content) {
    return member(name, '0', content.length, content);
  }

  TarBytes file(String name, String content) {
    return file(name, content.getBytes(StandardCharsets.UTF_8));
  }

  TarBytes link(String name, char type, String target) {
    byte[] header = header(name, type, "00000000000");
    put(header, 157, target);
    return raw(sealed(header));
  }

  /** A member whose header claims {@code size} whatever follows. */
  TarBytes member(String name, char type, long size, byte[] content) {
    raw(sealed(header(name, type, String.format(Locale.ROOT, "%011o", size))));
    raw(content);
    return raw(new byte[-content.length & 511]);
  }

  TarBytes raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  byte[] end() {
    raw(new byte[1024]);
    return out.toByteArray();
  }

  static byte[] header(String name, char type, String size) {
    byte[] header = new byte[512];
    put(header, 0, name);
    put(header, 100, "0000644");
    put(header, 124, size);
    header[156] = (byte) type;
    put(header, 257, "ustar");
    put(header, 263, "00");
    return header;
  }

  static byte[] sealed(byte[] header) {
    put(header, 148, "        ");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, 148, String.format(Locale.ROOT, "%06o", sum));
    header[154] = 0;
    return header;
  }

  private static void put(byte[] header, int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, header, offset, bytes.length);
  }
}
