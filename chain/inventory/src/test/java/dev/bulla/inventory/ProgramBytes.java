package dev.bulla.inventory;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.Deflater;

/** Makes small program files and rpm headers for tests. */
final class ProgramBytes {
  private ProgramBytes() {}

  /** A 64-bit little-endian ELF file with one section beside the names. */
  static byte[] elf(String section, byte[] content) {
    byte[] names = ("\0" + section + "\0.shstrtab\0").getBytes(StandardCharsets.US_ASCII);
    int contentAt = 64;
    int namesAt = contentAt + content.length;
    int tableAt = (namesAt + names.length + 7) / 8 * 8;
    ByteBuffer file =
        ByteBuffer.allocate(Math.max(8192, tableAt + 3 * 64)).order(ByteOrder.LITTLE_ENDIAN);
    file.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1});
    file.putLong(40, tableAt);
    file.putShort(58, (short) 64);
    file.putShort(60, (short) 3);
    file.putShort(62, (short) 2);
    file.put(contentAt, content);
    file.put(namesAt, names);
    header(file, tableAt + 64, 1, contentAt, content.length);
    header(file, tableAt + 128, 2 + section.length(), namesAt, names.length);
    return file.array();
  }

  private static void header(ByteBuffer file, int at, int name, int offset, int size) {
    file.putInt(at, name);
    file.putInt(at + 4, 1);
    file.putLong(at + 16, 0x400000L + offset);
    file.putLong(at + 24, offset);
    file.putLong(at + 32, size);
  }

  /** Build information as the Go linker writes it since 1.18. */
  static byte[] goBuildInfo(String version, String modules) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("\u00ff Go buildinf:".getBytes(StandardCharsets.ISO_8859_1));
    out.write(8);
    out.write(2);
    out.writeBytes(new byte[16]);
    string(out, version.getBytes(StandardCharsets.UTF_8));
    ByteArrayOutputStream framed = new ByteArrayOutputStream();
    framed.writeBytes(new byte[16]);
    framed.writeBytes(modules.getBytes(StandardCharsets.UTF_8));
    framed.writeBytes(new byte[16]);
    string(out, framed.toByteArray());
    return out.toByteArray();
  }

  private static void string(ByteArrayOutputStream out, byte[] content) {
    int length = content.length;
    while (length >= 0x80) {
      out.write(length & 0x7f | 0x80);
      length >>>= 7;
    }
    out.write(length);
    out.writeBytes(content);
  }

  static byte[] zlib(String text) {
    Deflater deflater = new Deflater();
    deflater.setInput(text.getBytes(StandardCharsets.UTF_8));
    deflater.finish();
    byte[] out = new byte[text.length() + 100];
    int n = deflater.deflate(out);
    deflater.end();
    return java.util.Arrays.copyOf(out, n);
  }

  /** An rpm header with one file. */
  static byte[] rpmHeader(
      String name,
      String version,
      String release,
      int epoch,
      String source,
      String directory,
      String file) {
    String[] texts = {name, version, release, source, file, directory};
    int[] tags = {1000, 1001, 1002, 1044, 1117, 1118};
    int[] types = {6, 6, 6, 6, 8, 8};
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    ByteBuffer index = ByteBuffer.allocate(16 * 8);
    data.writeBytes(ByteBuffer.allocate(8).putInt(epoch).putInt(0).array());
    entry(index, 1003, 4, 0);
    entry(index, 1116, 4, 4);
    for (int i = 0; i < texts.length; i++) {
      entry(index, tags[i], types[i], data.size());
      data.writeBytes((texts[i] + "\0").getBytes(StandardCharsets.UTF_8));
    }
    ByteBuffer all = ByteBuffer.allocate(8 + index.capacity() + data.size());
    all.putInt(8).putInt(data.size()).put(index.array()).put(data.toByteArray());
    return all.array();
  }

  private static void entry(ByteBuffer index, int tag, int type, int offset) {
    index.putInt(tag).putInt(type).putInt(offset).putInt(1);
  }
}
