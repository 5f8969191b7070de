package dev.bulla.inventory;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Writes small tar archives for tests, well-formed unless asked otherwise. */
final class TarBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  TarBytes file(String path, String content) {
    return file(path, content.getBytes(StandardCharsets.UTF_8));
  }

  TarBytes file(String path, byte[] content) {
    return entry(path, '0', "", content, content.length);
  }

  TarBytes directory(String path) {
    return entry(path + "/", '5', "", new byte[0], 0);
  }

  TarBytes symlink(String path, String target) {
    return entry(path, '2', target, new byte[0], 0);
  }

  TarBytes hardlink(String path, String target) {
    return entry(path, '1', target, new byte[0], 0);
  }

  TarBytes entry(String path, char type, String link, byte[] content, long size) {
    byte[] header = new byte[512];
    put(header, 0, path);
    put(header, 100, "0000644");
    put(header, 124, "%011o".formatted(size));
    put(header, 136, "00000000000");
    header[156] = (byte) type;
    put(header, 157, link);
    put(header, 257, "ustar");
    put(header, 263, "00");
    put(header, 148, "        ");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, 148, "%06o\0 ".formatted(sum));
    out.writeBytes(header);
    out.writeBytes(content);
    out.writeBytes(new byte[(512 - content.length % 512) % 512]);
    return this;
  }

  byte[] bytes() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(out.toByteArray());
    all.writeBytes(new byte[1024]);
    return all.toByteArray();
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  /** One gzip member. */
  static byte[] gzip(byte[] content) {
    Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
    deflater.setInput(content);
    deflater.finish();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3});
    byte[] part = new byte[4096];
    while (!deflater.finished()) {
      all.write(part, 0, deflater.deflate(part));
    }
    deflater.end();
    CRC32 crc = new CRC32();
    crc.update(content);
    for (long value : new long[] {crc.getValue(), content.length}) {
      for (int i = 0; i < 4; i++) {
        all.write((int) (value >>> 8 * i));
      }
    }
    return all.toByteArray();
  }
}
