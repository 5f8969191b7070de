package dev.bulla.inventory.archive;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * The central directory of a zip archive (APPNOTE 6.3, zip64 included), read as the Java runtime
 * reads it: from the end, so that bytes before the first entry (a start script) do not matter.
 *
 * <p>Entries are numbers from 0 to {@link #count}; their names stay bytes in one array. Every read
 * is bounded by the caller. Not thread-safe.
 */
public final class ZipDirectory {
  private static final int END = 0x06054b50;
  private static final int END64 = 0x06064b50;
  private static final int LOCATOR64 = 0x07064b50;
  private static final int ENTRY = 0x02014b50;
  private static final int LOCAL = 0x04034b50;
  private static final int MAX_ENTRIES = 1_000_000;
  private static final int MAX_RATIO = 1040;
  private static final int MAX_DIRECTORY = 256 * 1024 * 1024;

  private final Bytes archive;
  private final byte[] directory;
  private final int[] entries;
  private final long shift;

  private ZipDirectory(Bytes archive, byte[] directory, int[] entries, long shift) {
    this.archive = archive;
    this.directory = directory;
    this.entries = entries;
    this.shift = shift;
  }

  /**
   * Reads the directory.
   *
   * @throws IOException if the content is no zip archive or its directory is damaged
   */
  public static ZipDirectory read(Bytes archive) throws IOException {
    long end = findEnd(archive);
    byte[] record = archive.copy(end, 22);
    long count = u16(record, 10);
    long size = u32(record, 12);
    long offset = u32(record, 16);
    long directoryEnd = end;
    if (end >= 20) {
      byte[] locator = archive.copy(end - 20, 20);
      if (i32(locator, 0) == LOCATOR64) {
        long at = findEnd64(archive, i64(locator, 8), end - 20);
        byte[] wide = archive.copy(at, 56);
        count = i64(wide, 32);
        size = i64(wide, 40);
        offset = i64(wide, 48);
        directoryEnd = at;
      }
    }
    if (size < 0
        || size > directoryEnd
        || size > MAX_DIRECTORY
        || count < 0
        || count > MAX_ENTRIES) {
      throw new ZipException(
          "zip: the end record claims a directory of %d bytes with %d entries"
              .formatted(size, count));
    }
    long start = directoryEnd - size;
    byte[] directory = archive.copy(start, (int) size);
    return new ZipDirectory(archive, directory, index(directory), start - offset);
  }

  public int count() {
    return entries.length;
  }

  public String name(int entry) {
    return new String(directory, nameStart(entry), nameLength(entry), StandardCharsets.UTF_8);
  }

  /** The array that holds all names; see {@link #nameStart} and {@link #nameLength}. */
  public byte[] nameBytes() {
    return directory;
  }

  public int nameStart(int entry) {
    return entries[entry] + 46;
  }

  public int nameLength(int entry) {
    return u16(directory, entries[entry] + 28);
  }

  public boolean nameEndsWith(int entry, String ascii) {
    int length = nameLength(entry);
    int start = nameStart(entry) + length - ascii.length();
    return length >= ascii.length() && matches(start, ascii);
  }

  public boolean nameStartsWith(int entry, String ascii) {
    return nameLength(entry) >= ascii.length() && matches(nameStart(entry), ascii);
  }

  public long crc(int entry) {
    return u32(directory, entries[entry] + 16);
  }

  /** Uncompressed size as the directory claims it; never to be trusted for an allocation. */
  public long size(int entry) {
    return wide(entry, 0);
  }

  public long compressedSize(int entry) {
    return wide(entry, 1);
  }

  /** Whether the content is stored as it is. */
  public boolean stored(int entry) {
    return u16(directory, entries[entry] + 10) == 0;
  }

  /**
   * The content of an entry.
   *
   * @param max bytes that are read at most
   * @throws IOException if it is larger, encrypted, damaged or compressed in another way than Java
   *     archives are
   */
  public byte[] content(int entry, int max) throws IOException {
    Bytes raw = raw(entry);
    int method = u16(directory, entries[entry] + 10);
    if (method == 0) {
      checkLimit(entry, raw.size(), max);
      return raw.copy(0, (int) raw.size());
    }
    if (method != 8) {
      throw new ZipException("zip: %s is compressed by method %d".formatted(name(entry), method));
    }
    return inflate(entry, raw, max);
  }

  /** The stored bytes of an entry, compressed if it is compressed. */
  public Bytes raw(int entry) throws IOException {
    if ((u16(directory, entries[entry] + 8) & 1) != 0) {
      throw new ZipException("zip: %s is encrypted".formatted(name(entry)));
    }
    long local = localOffset(entry);
    byte[] header = archive.copy(local, 30);
    if (i32(header, 0) != LOCAL) {
      throw new ZipException("zip: no local header of %s at %d".formatted(name(entry), local));
    }
    return archive.slice(local + 30 + u16(header, 26) + u16(header, 28), compressedSize(entry));
  }

  /**
   * Whether stored ranges of different entries overlap, as they do in archives made to expand
   * without end.
   */
  public boolean overlaps() {
    long[] starts = new long[entries.length];
    for (int i = 0; i < starts.length; i++) {
      starts[i] = localOffset(i);
    }
    long[] sorted = starts.clone();
    Arrays.sort(sorted);
    for (int i = 0; i < starts.length; i++) {
      long end = starts[i] + 30 + nameLength(i) + compressedSize(i);
      int next = Arrays.binarySearch(sorted, starts[i]);
      boolean twice =
          next > 0 && sorted[next - 1] == starts[i]
              || next + 1 < sorted.length && sorted[next + 1] == starts[i];
      if (twice || next + 1 < sorted.length && sorted[next + 1] < end) {
        return true;
      }
    }
    return false;
  }

  private byte[] inflate(int entry, Bytes raw, int max) throws IOException {
    Inflater inflater = new Inflater(true);
    try {
      byte[] in = new byte[(int) Math.min(raw.size(), 64 * 1024)];
      // the claimed size counts only as far as the compressed bytes can produce it
      byte[] out =
          new byte[(int) Math.min(Math.min(size(entry), max), raw.size() * MAX_RATIO + 64)];
      byte[] one = new byte[1];
      long position = 0;
      int length = 0;
      while (!inflater.finished()) {
        if (inflater.needsInput()) {
          int n = (int) Math.min(in.length, raw.size() - position);
          if (n == 0) {
            throw new ZipException("zip: %s ends too early".formatted(name(entry)));
          }
          raw.read(position, in, 0, n);
          inflater.setInput(in, 0, n);
          position += n;
        }
        int n;
        if (length < out.length) {
          n = inflater.inflate(out, length, out.length - length);
          length += n;
        } else {
          n = inflater.inflate(one, 0, 1);
          if (n == 1) {
            checkLimit(entry, length + 1L, max);
            out = Arrays.copyOf(out, (int) Math.min(max, length * 2L + 64));
            out[length++] = one[0];
          }
        }
        if (n == 0 && inflater.needsDictionary()) {
          throw new ZipException("zip: %s needs a dictionary".formatted(name(entry)));
        }
      }
      return length == out.length ? out : Arrays.copyOf(out, length);
    } catch (DataFormatException e) {
      throw new ZipException("zip: %s: %s".formatted(name(entry), e.getMessage()));
    } finally {
      inflater.end();
    }
  }

  private void checkLimit(int entry, long size, int max) throws ZipException {
    if (size > max) {
      throw new ZipException(
          "zip: %s expands to more than the %d bytes that are read".formatted(name(entry), max));
    }
  }

  private long localOffset(int entry) {
    return wide(entry, 2) + shift;
  }

  /**
   * Size, compressed size or offset, from the zip64 extra field when the header holds the marker.
   */
  private long wide(int entry, int which) {
    int at = entries[entry];
    long size = u32(directory, at + 24);
    long compressed = u32(directory, at + 20);
    long offset = u32(directory, at + 42);
    long plain = which == 0 ? size : which == 1 ? compressed : offset;
    if (plain != 0xffffffffL) {
      return plain;
    }
    int skip =
        (which > 0 && size == 0xffffffffL ? 8 : 0)
            + (which > 1 && compressed == 0xffffffffL ? 8 : 0);
    int from = nameStart(entry) + nameLength(entry);
    int to = from + u16(directory, at + 30);
    for (int i = from; i + 4 <= to; i += 4 + u16(directory, i + 2)) {
      if (u16(directory, i) == 1 && i + 4 + skip + 8 <= to && skip + 8 <= u16(directory, i + 2)) {
        return Math.max(0, i64(directory, i + 4 + skip));
      }
    }
    return plain;
  }

  private boolean matches(int start, String ascii) {
    for (int i = 0; i < ascii.length(); i++) {
      if (directory[start + i] != ascii.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static int[] index(byte[] directory) throws ZipException {
    int[] found = new int[Math.max(16, directory.length / 80)];
    int n = 0;
    int at = 0;
    while (at + 46 <= directory.length && i32(directory, at) == ENTRY) {
      int length = 46 + u16(directory, at + 28) + u16(directory, at + 30) + u16(directory, at + 32);
      if (at + length > directory.length) {
        throw new ZipException("zip: the directory ends inside entry " + n);
      }
      if (n == found.length) {
        found = Arrays.copyOf(found, n * 2);
      }
      found[n++] = at;
      at += length;
    }
    if (n == 0 && directory.length > 0) {
      throw new ZipException("zip: no directory where the end record points");
    }
    return Arrays.copyOf(found, n);
  }

  private static long findEnd(Bytes archive) throws IOException {
    long size = archive.size();
    if (size < 22) {
      throw new ZipException("zip: %d bytes are too few".formatted(size));
    }
    int window = (int) Math.min(size, 22 + 0xffff);
    long base = size - window;
    byte[] tail = archive.copy(base, window);
    for (int i = window - 22; i >= 0; i--) {
      if (tail[i] == 'P' && i32(tail, i) == END && plausible(archive, base + i, tail, i)) {
        return base + i;
      }
    }
    throw new ZipException("zip: no end record; not a zip archive, or cut short");
  }

  /**
   * An end record counts only if a directory (or nothing) precedes it: a comment may hold the
   * signature too.
   */
  private static boolean plausible(Bytes archive, long at, byte[] tail, int i) throws IOException {
    long size = u32(tail, i + 12);
    if (size == 0 || size == 0xffffffffL) {
      return true;
    }
    return size <= at && size >= 46 && i32(archive.copy(at - size, 4), 0) == ENTRY
        || at >= 20 && i32(archive.copy(at - 20, 4), 0) == LOCATOR64;
  }

  private static long findEnd64(Bytes archive, long declared, long locator) throws IOException {
    if (declared >= 0 && declared <= locator - 56 && i32(archive.copy(declared, 4), 0) == END64) {
      return declared;
    }
    // bytes were put before the archive: the record lies right before its locator
    if (locator >= 56 && i32(archive.copy(locator - 56, 4), 0) == END64) {
      return locator - 56;
    }
    throw new ZipException("zip: no zip64 end record");
  }

  private static int u16(byte[] b, int at) {
    return b[at] & 0xff | (b[at + 1] & 0xff) << 8;
  }

  private static int i32(byte[] b, int at) {
    return u16(b, at) | u16(b, at + 2) << 16;
  }

  private static long u32(byte[] b, int at) {
    return i32(b, at) & 0xffffffffL;
  }

  private static long i64(byte[] b, int at) {
    return u32(b, at) | u32(b, at + 4) << 32;
  }
}
