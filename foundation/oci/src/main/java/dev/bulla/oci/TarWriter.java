package dev.bulla.oci;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Writes tar archives that depend on nothing but names and contents: no times, no owners, mode 0644
 * and 0755, ustar headers, a pax header where a name or a size does not fit.
 */
final class TarWriter implements AutoCloseable {
  private static final int BLOCK = 512;
  private static final long MAX_USTAR_SIZE = 0_77777777777L;

  private final OutputStream out;

  TarWriter(OutputStream out) {
    this.out = out;
  }

  void directory(String name) throws IOException {
    out.write(header(name + "/", 0, '5', "0000755"));
  }

  void file(String name, long size, InputStream content) throws IOException {
    if (name.length() > 100 || size > MAX_USTAR_SIZE) {
      byte[] pax =
          (record("path", name) + record("size", Long.toString(size)))
              .getBytes(StandardCharsets.UTF_8);
      out.write(header("pax", pax.length, 'x', "0000644"));
      out.write(pax);
      pad(pax.length);
    }
    String shown = name.length() > 100 ? name.substring(0, 100) : name;
    out.write(header(shown, size > MAX_USTAR_SIZE ? 0 : size, '0', "0000644"));
    byte[] buffer = new byte[256 * 1024];
    long count = 0;
    for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
      out.write(buffer, 0, n);
      count += n;
    }
    if (count != size) {
      throw new IOException("%s has %d bytes, expected %d".formatted(name, count, size));
    }
    pad(size);
  }

  /** A pax record counts its own length. */
  private static String record(String key, String value) {
    String rest = " " + key + "=" + value + "\n";
    int length = rest.getBytes(StandardCharsets.UTF_8).length;
    int total = length + Integer.toString(length).length();
    total = length + Integer.toString(total).length();
    return total + rest;
  }

  private static byte[] header(String name, long size, char type, String mode) {
    byte[] header = new byte[BLOCK];
    put(header, 0, name);
    put(header, 100, mode);
    put(header, 108, "0000000");
    put(header, 116, "0000000");
    put(header, 124, String.format(Locale.ROOT, "%011o", size));
    put(header, 136, "00000000000");
    put(header, 148, "        ");
    header[156] = (byte) type;
    put(header, 257, "ustar");
    put(header, 263, "00");
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

  private void pad(long size) throws IOException {
    out.write(new byte[(int) (-size & (BLOCK - 1))]);
  }

  /** Writes the end marker; the stream underneath stays open. */
  @Override
  public void close() throws IOException {
    out.write(new byte[2 * BLOCK]);
    out.flush();
  }
}
