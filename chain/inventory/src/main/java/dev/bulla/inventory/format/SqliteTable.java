package dev.bulla.inventory.format;

import dev.bulla.inventory.archive.Bytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads the rows of one table out of an SQLite 3 database file (the published file format), as far
 * as rpm needs it: table b-trees, overflow pages, and of each row the first blob.
 *
 * <p>Own code instead of the database library: no temporary file, no native code, and pages are
 * bounded, counted and visited once, so that a crafted file can neither loop nor reach outside
 * itself.
 */
public final class SqliteTable {
  private static final byte[] MAGIC =
      "SQLite format 3\0".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
  private static final int MAX_BLOB = 64 * 1024 * 1024;
  private static final int MAX_DEPTH = 40;

  private final Bytes file;
  private final int pageSize;
  private final int usable;
  private final int pages;
  private int visited;

  private SqliteTable(Bytes file, int pageSize, int reserved, int pages) {
    this.file = file;
    this.pageSize = pageSize;
    this.usable = pageSize - reserved;
    this.pages = pages;
  }

  /**
   * Hands the first blob of each row of {@code table} to {@code sink}, in key order.
   *
   * @return false if the database has no such table
   * @throws IOException if this is no database or it is damaged; rows before the damage have been
   *     handed over
   */
  public static boolean blobs(Bytes file, String table, Consumer<byte[]> sink) throws IOException {
    byte[] header = file.copy(0, 100);
    for (int i = 0; i < MAGIC.length; i++) {
      if (header[i] != MAGIC[i]) {
        throw new IOException("sqlite: not a database file");
      }
    }
    int size = u16(header, 16) == 1 ? 65536 : u16(header, 16);
    int reserved = header[20] & 0xff;
    if (size < 512 || Integer.bitCount(size) != 1 || size - reserved < 480) {
      throw new IOException("sqlite: impossible page size " + size);
    }
    if (u32(header, 56) != 1 && u32(header, 56) != 0) {
      throw new IOException("sqlite: the text encoding is not UTF-8");
    }
    SqliteTable reader =
        new SqliteTable(
            file, size, reserved, (int) Math.min(Integer.MAX_VALUE, file.size() / size));
    Optional<Integer> root = reader.rootOf(table);
    if (root.isEmpty()) {
      return false;
    }
    reader.walk(root.get(), 0, row -> row.blob().ifPresent(sink));
    return true;
  }

  private Optional<Integer> rootOf(String table) throws IOException {
    List<Integer> found = new ArrayList<>();
    walk(
        1,
        0,
        row -> {
          if (row.text(0).equals("table") && row.text(1).equalsIgnoreCase(table)) {
            found.add((int) row.integer(3));
          }
        });
    visited = 0;
    return found.isEmpty() ? Optional.empty() : Optional.of(found.getFirst());
  }

  private void walk(int page, int depth, Consumer<Row> sink) throws IOException {
    if (page < 1 || page > pages || depth > MAX_DEPTH || ++visited > pages) {
      throw new IOException(
          "sqlite: page %d of %d is referred to out of order".formatted(page, pages));
    }
    byte[] data = file.copy((long) (page - 1) * pageSize, pageSize);
    int base = page == 1 ? 100 : 0;
    int type = data[base];
    int cells = u16(data, base + 3);
    int pointers = base + (type == 5 ? 12 : 8);
    if (type != 5 && type != 13 || pointers + cells * 2 > pageSize) {
      throw new IOException("sqlite: page %d is no table page".formatted(page));
    }
    for (int i = 0; i < cells; i++) {
      int at = u16(data, pointers + i * 2);
      if (at < pointers + cells * 2 || at + 4 > pageSize) {
        throw new IOException("sqlite: a cell outside page %d".formatted(page));
      }
      if (type == 5) {
        walk(u32(data, at), depth + 1, sink);
      } else {
        sink.accept(new Row(payload(data, at)));
      }
    }
    if (type == 5) {
      walk(u32(data, base + 8), depth + 1, sink);
    }
  }

  private byte[] payload(byte[] page, int cell) throws IOException {
    int[] at = {cell};
    long length = varint(page, at);
    varint(page, at);
    if (length < 0 || length > MAX_BLOB || length > file.size()) {
      throw new IOException("sqlite: a row of %d bytes".formatted(length));
    }
    int local = (int) length;
    if (length > usable - 35) {
      int min = (usable - 12) * 32 / 255 - 23;
      int kept = (int) (min + (length - min) % (usable - 4));
      local = kept <= usable - 35 ? kept : min;
    }
    byte[] payload = new byte[(int) length];
    if (at[0] + local > page.length) {
      throw new IOException("sqlite: a row reaches outside its page");
    }
    System.arraycopy(page, at[0], payload, 0, local);
    int done = local;
    int next = done < length ? u32(page, at[0] + local) : 0;
    while (done < length) {
      if (next < 1 || next > pages) {
        throw new IOException("sqlite: overflow page %d of %d".formatted(next, pages));
      }
      byte[] overflow = file.copy((long) (next - 1) * pageSize, pageSize);
      int n = (int) Math.min(usable - 4, length - done);
      System.arraycopy(overflow, 4, payload, done, n);
      done += n;
      next = u32(overflow, 0);
    }
    return payload;
  }

  private static long varint(byte[] data, int[] at) throws IOException {
    long value = 0;
    for (int i = 0; i < 9; i++) {
      if (at[0] >= data.length) {
        throw new IOException("sqlite: a number reaches outside its page");
      }
      int b = data[at[0]++];
      if (i == 8) {
        return value << 8 | b & 0xff;
      }
      value = value << 7 | b & 0x7f;
      if (b >= 0) {
        return value;
      }
    }
    return value;
  }

  private static int u16(byte[] data, int at) {
    return (data[at] & 0xff) << 8 | data[at + 1] & 0xff;
  }

  private static int u32(byte[] data, int at) throws IOException {
    if (at + 4 > data.length) {
      throw new IOException("sqlite: a number reaches outside its page");
    }
    return u16(data, at) << 16 | u16(data, at + 2);
  }

  /** A row's record: header of serial types, then the values. Unreadable columns count as empty. */
  private record Row(byte[] record) {
    String text(int column) {
      int[] range = column(column);
      return range[2] >= 13 && range[2] % 2 == 1
          ? new String(record, range[0], range[1], java.nio.charset.StandardCharsets.UTF_8)
          : "";
    }

    long integer(int column) {
      int[] range = column(column);
      if (range[2] == 9) {
        return 1;
      }
      long value = 0;
      for (int i = 0; i < range[1] && range[2] < 7; i++) {
        value = value << 8 | record[range[0] + i] & 0xff;
      }
      return value;
    }

    Optional<byte[]> blob() {
      for (int i = 0; i < 32; i++) {
        int[] range = column(i);
        if (range[2] < 0) {
          return Optional.empty();
        }
        if (range[2] >= 12 && range[2] % 2 == 0) {
          byte[] blob = new byte[range[1]];
          System.arraycopy(record, range[0], blob, 0, blob.length);
          return Optional.of(blob);
        }
      }
      return Optional.empty();
    }

    /** Start, length and serial type of a column; type -1 if there is none. */
    private int[] column(int wanted) {
      try {
        int[] at = {0};
        long headerLength = varint(record, at);
        long start = headerLength;
        for (int i = 0; at[0] < headerLength; i++) {
          long type = varint(record, at);
          long length = length(type);
          if (start + length > record.length || length < 0) {
            break;
          }
          if (i == wanted) {
            return new int[] {(int) start, (int) length, (int) type};
          }
          start += length;
        }
      } catch (IOException e) {
        // a record without that column
      }
      return new int[] {0, 0, -1};
    }

    private static long length(long type) {
      return switch ((int) Math.min(type, 12)) {
        case 0, 8, 9 -> 0;
        case 1, 2, 3, 4 -> type;
        case 5 -> 6;
        case 6, 7 -> 8;
        case 10, 11 -> 0;
        default -> (type - 12) / 2;
      };
    }
  }
}
