package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Lists the files of a tar archive that holds an OCI layout (POSIX.1-2017 pax, ustar, GNU long
 * names), without reading them.
 *
 * <p>Strict on purpose: a layout consists of regular files and directories. Links, devices,
 * absolute or climbing names, a name twice, sizes that the archive does not hold and wrong
 * checksums are refused, wherever they occur.
 */
final class TarEntries {
  /** Where a member's content lies. */
  record Place(long offset, long size) {}

  private static final int BLOCK = 512;
  private static final int MAX_ENTRIES = 200_000;
  private static final int MAX_EXTENSION = 64 * 1024;

  private final SeekableByteChannel archive;
  private final String what;
  private final Map<String, Place> files = new LinkedHashMap<>();
  private long position;
  private String longName = "";
  private long paxSize = -1;

  private TarEntries(SeekableByteChannel archive, String what) {
    this.archive = archive;
    this.what = what;
  }

  /**
   * @throws BullaException {@code ARCHIVE_INVALID}, {@code ARCHIVE_TOO_LARGE}, {@code PATH_ESCAPE}
   */
  static Map<String, Place> list(SeekableByteChannel archive, String what) throws IOException {
    TarEntries entries = new TarEntries(archive, what);
    for (int count = 0; entries.next(); count++) {
      if (count > MAX_ENTRIES) {
        throw new BullaException(
            ErrorCode.ARCHIVE_TOO_LARGE, "%s: more than %d entries".formatted(what, MAX_ENTRIES));
      }
    }
    return entries.files;
  }

  private boolean next() throws IOException {
    if (position == archive.size() && position > 0) {
      return false; // some writers leave the end marker out
    }
    byte[] header = bytes(BLOCK);
    if (isZero(header)) {
      return false;
    }
    checkSum(header);
    long size = number(header, 124, 12);
    char type = header[156] == 0 ? '0' : (char) (header[156] & 0xff);
    boolean extension = type == 'x' || type == 'L';
    if (!extension && type != 'g' && paxSize >= 0) {
      size = paxSize;
    }
    if (size > archive.size() - position) {
      throw invalid(
          "a member claims %d bytes, but only %d are left"
              .formatted(size, archive.size() - position));
    }
    long start = position;
    switch (type) {
      case 'x' -> readPax(extension(size, "pax header"));
      case 'L' -> longName = text(extension(size, "long name"), 0, (int) size);
      case 'g' -> extension(size, "global header");
      default -> {
        add(type, name(header), size, start);
        longName = "";
        paxSize = -1;
      }
    }
    position = start + (size + BLOCK - 1) / BLOCK * BLOCK;
    if (position > archive.size()) {
      throw invalid("cut short");
    }
    return true;
  }

  private void add(char type, String raw, long size, long start) {
    String name = checkedName(raw);
    if (type == '5') {
      return;
    }
    if (type != '0' && type != '7') {
      throw new BullaException(
          ErrorCode.PATH_ESCAPE,
          "%s: %s is a link or a special file (type '%s'); a layout holds regular files only"
              .formatted(what, Shown.text(raw), Shown.text(String.valueOf(type))));
    }
    if (files.put(name, new Place(start, size)) != null) {
      throw invalid("there are two members named " + Shown.text(name));
    }
  }

  /**
   * Relative, without empty, {@code .} or {@code ..} components, after a leading {@code ./} is
   * dropped.
   */
  private String checkedName(String raw) {
    String name = raw.startsWith("./") ? raw.substring(2) : raw;
    name = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    if (name.isEmpty() || name.equals(".")) {
      return ".";
    }
    boolean climbs = name.startsWith("/") || name.indexOf('\\') >= 0 || name.indexOf('\0') >= 0;
    for (String component : name.split("/", -1)) {
      climbs |= component.isEmpty() || component.equals(".") || component.equals("..");
    }
    if (climbs) {
      throw new BullaException(
          ErrorCode.PATH_ESCAPE,
          "%s: the member name '%s' leaves the archive".formatted(what, Shown.text(raw)));
    }
    return name;
  }

  private String name(byte[] header) {
    if (!longName.isEmpty()) {
      return longName;
    }
    String name = text(header, 0, 100);
    boolean ustar = text(header, 257, 6).startsWith("ustar");
    boolean gnu = text(header, 257, 8).equals("ustar  ");
    String prefix = ustar && !gnu ? text(header, 345, 155) : "";
    return prefix.isEmpty() ? name : prefix + "/" + name;
  }

  /** Records {@code LENGTH KEY=VALUE\n}; only {@code path} and {@code size} matter here. */
  private void readPax(byte[] records) {
    int at = 0;
    while (at < records.length) {
      int space = at;
      while (space < records.length && records[space] != ' ') {
        space++;
      }
      String digits = text(records, at, space - at);
      if (!digits.matches("[0-9]{1,6}")) {
        throw invalid("a pax record has no length");
      }
      int end = at + Integer.parseInt(digits);
      if (end > records.length || end <= space + 1 || records[end - 1] != '\n') {
        throw invalid("a pax record has the wrong length");
      }
      String record = new String(records, space + 1, end - space - 2, StandardCharsets.UTF_8);
      int equals = record.indexOf('=');
      String key = equals < 0 ? record : record.substring(0, equals);
      String value = equals < 0 ? "" : record.substring(equals + 1);
      if (key.equals("path")) {
        longName = value;
      } else if (key.equals("size")) {
        if (!value.matches("[0-9]{1,18}")) {
          throw invalid("a pax record has the size '" + Shown.text(value) + "'");
        }
        paxSize = Long.parseLong(value);
      }
      at = end;
    }
  }

  private byte[] extension(long size, String kind) throws IOException {
    if (size > MAX_EXTENSION) {
      throw new BullaException(
          ErrorCode.ARCHIVE_TOO_LARGE,
          "%s: a %s of %d bytes, at most %d are read".formatted(what, kind, size, MAX_EXTENSION));
    }
    return bytes((int) size);
  }

  private byte[] bytes(int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    archive.position(position);
    while (buffer.hasRemaining()) {
      if (archive.read(buffer) < 0) {
        throw invalid("cut short");
      }
    }
    position += count;
    return buffer.array();
  }

  private void checkSum(byte[] header) {
    long sum = 0;
    for (int i = 0; i < BLOCK; i++) {
      sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
    }
    if (sum != number(header, 148, 8)) {
      throw invalid("a header has a wrong checksum; this is not a tar archive or it is damaged");
    }
  }

  /** Octal, or base 256 where GNU tar needs more digits. */
  private long number(byte[] header, int offset, int length) {
    if ((header[offset] & 0x80) != 0) {
      long value = header[offset] & 0x3f;
      for (int i = offset + 1; i < offset + length; i++) {
        if (value >>> 54 != 0) {
          throw invalid("a size is out of range");
        }
        value = (value << 8) | (header[i] & 0xff);
      }
      if ((header[offset] & 0x40) != 0) {
        throw invalid("a size is negative");
      }
      return value;
    }
    String digits = text(header, offset, length).strip();
    if (!digits.matches("[0-7]{0,12}")) {
      throw invalid("a header field is not an octal number");
    }
    return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
  }

  private static String text(byte[] bytes, int offset, int length) {
    int end = offset;
    while (end < offset + length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, offset, end - offset, StandardCharsets.UTF_8);
  }

  private static boolean isZero(byte[] block) {
    for (byte b : block) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private BullaException invalid(String why) {
    return new BullaException(
        ErrorCode.ARCHIVE_INVALID, "%s: %s (at byte %d)".formatted(what, why, position));
  }
}
