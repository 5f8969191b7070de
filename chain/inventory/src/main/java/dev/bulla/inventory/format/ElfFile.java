package dev.bulla.inventory.format;

import dev.bulla.inventory.archive.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * As much of an ELF file as finding sections by name needs (System V ABI, ELF-32 and ELF-64, both
 * byte orders).
 *
 * <p>Counts and offsets are believed only as far as the file reaches.
 */
public final class ElfFile {
  private static final int MAX_SECTIONS = 4096;
  private static final int NOBITS = 8;

  private final Bytes file;
  private final boolean wide;
  private final ByteOrder order;
  private final ByteBuffer sections;
  private final int sectionSize;
  private final int sectionCount;
  private final byte[] names;

  private ElfFile(
      Bytes file,
      boolean wide,
      ByteOrder order,
      ByteBuffer sections,
      int sectionSize,
      byte[] names) {
    this.file = file;
    this.wide = wide;
    this.order = order;
    this.sections = sections;
    this.sectionSize = sectionSize;
    this.sectionCount = sectionSize == 0 ? 0 : sections.capacity() / sectionSize;
    this.names = names;
  }

  /** Whether four bytes are the magic number of ELF. */
  public static boolean isElf(byte[] start) {
    return start[0] == 0x7f && start[1] == 'E' && start[2] == 'L' && start[3] == 'F';
  }

  /**
   * Reads header and section table; a file without a usable section table (stripped of it) has no
   * sections.
   *
   * @return empty if this is no ELF file
   */
  public static Optional<ElfFile> read(Bytes file) throws IOException {
    if (file.size() < 52) {
      return Optional.empty();
    }
    byte[] start = file.copy(0, (int) Math.min(64, file.size()));
    if (!isElf(start) || start[4] < 1 || start[4] > 2 || start[5] < 1 || start[5] > 2) {
      return Optional.empty();
    }
    boolean wide = start[4] == 2;
    ByteOrder order = start[5] == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    ByteBuffer none = ByteBuffer.allocate(0);
    ElfFile without = new ElfFile(file, wide, order, none, 0, new byte[0]);
    if (wide && start.length < 64) {
      return Optional.of(without);
    }
    ByteBuffer header = ByteBuffer.wrap(start).order(order);
    long offset = wide ? header.getLong(40) : header.getInt(32) & 0xffffffffL;
    int size = header.getShort(wide ? 58 : 46) & 0xffff;
    int count = header.getShort(wide ? 60 : 48) & 0xffff;
    int nameIndex = header.getShort(wide ? 62 : 50) & 0xffff;
    if (count == 0
        || count > MAX_SECTIONS
        || size < (wide ? 64 : 40)
        || size > 256
        || offset <= 0
        || offset > file.size() - (long) size * count) {
      return Optional.of(without);
    }
    ByteBuffer table = ByteBuffer.wrap(file.copy(offset, size * count)).order(order);
    ElfFile unnamed = new ElfFile(file, wide, order, table, size, new byte[0]);
    byte[] names = nameIndex < count ? unnamed.bytes(nameIndex, 1024 * 1024) : new byte[0];
    return Optional.of(new ElfFile(file, wide, order, table, size, names));
  }

  public boolean wide() {
    return wide;
  }

  public ByteOrder order() {
    return order;
  }

  /**
   * The content of the first section of that name; empty if there is none or it has no content in
   * the file.
   */
  public Optional<Bytes> section(String name) throws IOException {
    byte[] wanted = (name + '\0').getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < sectionCount; i++) {
      int at = sections.getInt(i * sectionSize);
      if (at >= 0 && at <= names.length - wanted.length && equal(at, wanted)) {
        return content(i);
      }
    }
    return Optional.empty();
  }

  /** The part of the file that is loaded at a virtual address, up to the end of its section. */
  public Optional<Bytes> at(long address, long length) throws IOException {
    for (int i = 0; i < sectionCount; i++) {
      long start = field(i, 12, 16);
      long size = field(i, 20, 32);
      if (start != 0
          && address >= start
          && address - start < size
          && length <= size - (address - start)) {
        Optional<Bytes> content = content(i);
        return content.isEmpty()
            ? content
            : Optional.of(content.get().slice(address - start, length));
      }
    }
    return Optional.empty();
  }

  private boolean equal(int at, byte[] wanted) {
    for (int i = 0; i < wanted.length; i++) {
      if (names[at + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }

  private Optional<Bytes> content(int section) throws IOException {
    long offset = field(section, 16, 24);
    long size = field(section, 20, 32);
    if (sections.getInt(section * sectionSize + 4) == NOBITS
        || offset < 0
        || size < 0
        || offset > file.size() - size) {
      return Optional.empty();
    }
    return Optional.of(file.slice(offset, size));
  }

  private byte[] bytes(int section, int max) throws IOException {
    Optional<Bytes> content = content(section);
    return content.isEmpty() || content.get().size() > max
        ? new byte[0]
        : content.get().copy(0, (int) content.get().size());
  }

  private long field(int section, int narrowAt, int wideAt) {
    int base = section * sectionSize;
    return wide ? sections.getLong(base + wideAt) : sections.getInt(base + narrowAt) & 0xffffffffL;
  }
}
