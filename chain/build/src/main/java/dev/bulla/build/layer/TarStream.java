package dev.bulla.build.layer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A POSIX.1-2001 tar ("ustar" headers, PAX records only where a value does not fit).
 *
 * <p>Every header field is a function of path, entry and the one time given: numeric owners without
 * names, no access or change times, device numbers zero. Records of an extended header are sorted
 * by key. Two zero blocks end the archive; nothing is padded to a tape record. Not thread-safe.
 */
final class TarStream implements AutoCloseable {
  private static final int BLOCK = 512;
  private static final int NAME = 100;
  private static final int PREFIX = 155;
  private static final long MAX_OCTAL_SIZE = 0_77777777777L;
  private static final int MAX_OCTAL_ID = 0_7777777;
  private static final String PAX_NAME = "PaxHeaders/entry";

  private final OutputStream out;
  private final long epochSeconds;

  /**
   * @param epochSeconds modification time of every entry, seconds since 1970, 0 to 2^33-1
   */
  TarStream(OutputStream out, long epochSeconds) {
    this.out = out;
    this.epochSeconds = epochSeconds;
  }

  /**
   * Writes the header of an entry; for a file exactly its size in bytes must follow through {@link
   * #content}.
   */
  void header(ImagePath path, Entry entry) throws IOException {
    String name = entry instanceof Entry.Directory ? path.text() + "/" : path.text();
    long size = entry instanceof Entry.File file ? file.size() : 0;
    String link = entry instanceof Entry.Link symbolic ? symbolic.target() : "";
    char type =
        switch (entry) {
          case Entry.Directory directory -> '5';
          case Entry.File file -> '0';
          case Entry.Link symbolic -> '2';
        };
    SortedMap<String, String> extended = new TreeMap<>();
    if (!isAscii(name) || splitAt(name) < 0) {
      extended.put("path", name);
    }
    if (!isAscii(link) || link.length() > NAME) {
      extended.put("linkpath", link);
    }
    if (size > MAX_OCTAL_SIZE) {
      extended.put("size", Long.toString(size));
    }
    if (entry.owner().uid() > MAX_OCTAL_ID) {
      extended.put("uid", Integer.toString(entry.owner().uid()));
    }
    if (entry.owner().gid() > MAX_OCTAL_ID) {
      extended.put("gid", Integer.toString(entry.owner().gid()));
    }
    if (!extended.isEmpty()) {
      writeExtended(extended);
    }
    out.write(block(name, link, type, entry.mode(), entry.owner(), size));
  }

  /** Writes bytes of the current file. */
  void content(byte[] bytes, int offset, int length) throws IOException {
    out.write(bytes, offset, length);
  }

  /** Fills the last block of a file of this size. */
  void endFile(long size) throws IOException {
    int rest = (int) (size % BLOCK);
    if (rest > 0) {
      out.write(new byte[BLOCK - rest]);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      out.write(new byte[2 * BLOCK]);
    } finally {
      out.close();
    }
  }

  private void writeExtended(SortedMap<String, String> records) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    records.forEach((key, value) -> body.writeBytes(record(key, value)));
    out.write(block(PAX_NAME, "", 'x', 0644, Entry.Owner.ROOT, body.size()));
    body.writeTo(out);
    endFile(body.size());
  }

  /**
   * {@code LENGTH KEY=VALUE\n}, where the decimal length counts itself (POSIX pax, "Extended
   * Header").
   */
  private static byte[] record(String key, String value) {
    byte[] rest = (" " + key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8);
    int length = rest.length;
    while (length != rest.length + Integer.toString(length).length()) {
      length = rest.length + Integer.toString(length).length();
    }
    byte[] digits = Integer.toString(length).getBytes(StandardCharsets.US_ASCII);
    byte[] record = Arrays.copyOf(digits, length);
    System.arraycopy(rest, 0, record, digits.length, rest.length);
    return record;
  }

  private byte[] block(
      String name, String link, char type, int mode, Entry.Owner owner, long size) {
    byte[] block = new byte[BLOCK];
    int split = isAscii(name) ? splitAt(name) : -1;
    if (split >= 0) {
      put(block, 0, NAME, split == 0 ? name : name.substring(split + 1));
      put(block, 345, PREFIX, name.substring(0, split));
    } else {
      put(block, 0, NAME, ascii(name));
    }
    octal(block, 100, 8, mode);
    octal(block, 108, 8, owner.uid() > MAX_OCTAL_ID ? 0 : owner.uid());
    octal(block, 116, 8, owner.gid() > MAX_OCTAL_ID ? 0 : owner.gid());
    octal(block, 124, 12, size > MAX_OCTAL_SIZE ? 0 : size);
    octal(block, 136, 12, epochSeconds);
    block[156] = (byte) type;
    put(block, 157, NAME, ascii(link));
    put(block, 257, 6, "ustar");
    put(block, 263, 2, "00");
    octal(block, 329, 8, 0);
    octal(block, 337, 8, 0);
    Arrays.fill(block, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xff;
    }
    octal(block, 148, 7, sum); // six digits, NUL, space
    return block;
  }

  /** Where a name is cut into prefix and name: 0 if it fits uncut, -1 if it does not fit at all. */
  private static int splitAt(String name) {
    if (name.length() <= NAME) {
      return 0;
    }
    int slash = name.lastIndexOf('/', Math.min(PREFIX, name.length() - 2));
    return slash > 0 && name.length() - slash - 1 <= NAME ? slash : -1;
  }

  private static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c >= 0x20 && c < 0x7f);
  }

  /** What stands in the plain field when a PAX record holds the real value. */
  private static String ascii(String text) {
    StringBuilder shown = new StringBuilder();
    text.chars().limit(NAME).forEach(c -> shown.append(c >= 0x20 && c < 0x7f ? (char) c : '_'));
    return shown.toString();
  }

  private static void put(byte[] block, int offset, int width, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, block, offset, Math.min(width, bytes.length));
  }

  /** Octal digits to the field's width less one, then NUL. */
  private static void octal(byte[] block, int offset, int width, long value) {
    String digits = Long.toOctalString(value);
    put(block, offset, width - 1, "0".repeat(width - 1 - digits.length()) + digits);
    block[offset + width - 1] = 0;
  }
}
