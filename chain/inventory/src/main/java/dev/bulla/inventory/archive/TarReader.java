package dev.bulla.inventory.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Walks the entries of a tar stream (POSIX ustar and pax, GNU long names and sparse files) without
 * an object for each.
 *
 * <p>An entry is described by fields that hold until the next call of {@link #next}: its type, its
 * size, and its path as bytes. Content that is not asked for is skipped inside the read buffer. A
 * header whose checksum is wrong, an extended header of more than {@value #MAX_EXTENDED} bytes and
 * an end inside an entry are errors: a runtime could not unpack such a layer either. One file of
 * more than 400 lines because the state of the read buffer is shared by all steps. Not thread-safe.
 */
public final class TarReader {
  /** Bytes of one extended header or long name: 1 MiB. */
  static final int MAX_EXTENDED = 1024 * 1024;

  private static final int BLOCK = 512;
  private static final byte[] NOTHING = {};

  /** What an entry is; everything that carries no evidence is {@link #OTHER}. */
  public enum Type {
    FILE,
    SPARSE_FILE,
    DIRECTORY,
    SYMLINK,
    HARDLINK,
    OTHER
  }

  private final InputStream in;
  private final byte[] buffer = new byte[128 * 1024];
  private int position;
  private int limit;
  private long consumed;

  private Type type = Type.OTHER;
  private long size;
  private long remaining;
  private long padding;
  private byte[] path = new byte[512];
  private int pathLength;
  private byte[] link = new byte[256];
  private int linkLength;

  private byte[] longPath = NOTHING;
  private byte[] longLink = NOTHING;
  private long paxSize = -1;
  private boolean paxSparse;

  public TarReader(InputStream in) {
    this.in = in;
  }

  public Type type() {
    return type;
  }

  /** Bytes of content that the stream holds for this entry. */
  public long size() {
    return size;
  }

  /**
   * The path as it stands in the archive; valid up to {@link #pathLength} and until the next entry.
   */
  public byte[] path() {
    return path;
  }

  public int pathLength() {
    return pathLength;
  }

  public String pathText() {
    return new String(path, 0, pathLength, StandardCharsets.UTF_8);
  }

  /** Target of a link. */
  public String linkText() {
    return new String(link, 0, linkLength, StandardCharsets.UTF_8);
  }

  /** Bytes of the tar stream that have been read, for messages. */
  public long offset() {
    return consumed;
  }

  /**
   * Moves to the next entry.
   *
   * @return false at the end of the archive
   * @throws IOException if the archive is damaged; the message says where
   */
  public boolean next() throws IOException {
    skipFully(remaining + padding);
    remaining = 0;
    padding = 0;
    longPath = NOTHING;
    longLink = NOTHING;
    paxSize = -1;
    paxSparse = false;
    while (true) {
      if (!fillBlock()) {
        return false;
      }
      int at = position;
      if (isZero(at)) {
        take(BLOCK);
        return false;
      }
      checkSum(at);
      byte flag = buffer[at + 156];
      long declared = number(at + 124, 12);
      switch (flag) {
        case 'x' -> readPax(extended(declared));
        case 'g' -> extended(declared);
        case 'L' -> longPath = trimmed(extended(declared));
        case 'K' -> longLink = trimmed(extended(declared));
        default -> {
          entry(at, flag, declared);
          return true;
        }
      }
    }
  }

  /** Reads content of the current entry; -1 at its end. */
  public int read(byte[] target, int offset, int length) throws IOException {
    if (remaining == 0) {
      return -1;
    }
    int wanted = (int) Math.min(length, remaining);
    int n;
    if (position < limit) {
      n = Math.min(wanted, limit - position);
      System.arraycopy(buffer, position, target, offset, n);
      position += n;
    } else {
      n = in.read(target, offset, wanted);
      if (n < 0) {
        throw truncated();
      }
    }
    consumed += n;
    remaining -= n;
    return n;
  }

  /** The first bytes of the content without consuming them: how many of {@code count} there are. */
  public int peek(byte[] target, int count) throws IOException {
    int wanted = (int) Math.min(count, remaining);
    if (limit - position < wanted) {
      compact();
      while (limit < wanted) {
        int n = in.read(buffer, limit, buffer.length - limit);
        if (n < 0) {
          throw truncated();
        }
        limit += n;
      }
    }
    System.arraycopy(buffer, position, target, 0, wanted);
    return wanted;
  }

  private void entry(int at, byte flag, long declared) throws IOException {
    size = paxSize >= 0 ? paxSize : declared;
    type = typeOf(flag);
    if (longPath.length > 0) {
      setPath(longPath, longPath.length);
    } else {
      headerPath(at);
    }
    if (longLink.length > 0) {
      link = longLink;
      linkLength = longLink.length;
    } else {
      linkLength = text(at + 157, 100);
      if (link.length < linkLength) {
        link = new byte[256];
      }
      System.arraycopy(buffer, at + 157, link, 0, linkLength);
    }
    boolean more = flag == 'S' && buffer[at + 482] != 0;
    take(BLOCK);
    while (more) {
      if (!fillBlock()) {
        throw truncated();
      }
      more = buffer[position + 504] != 0;
      take(BLOCK);
    }
    if (type != Type.FILE && type != Type.SPARSE_FILE && flag != '1') {
      // a directory or link may carry a size that stands for no data; only unknown types have
      // content
      size = type == Type.OTHER && flag >= 'A' ? size : 0;
    } else if (flag == '1') {
      size = paxSize >= 0 ? size : 0;
    }
    if (type == Type.FILE && pathLength > 0 && path[pathLength - 1] == '/') {
      type = Type.DIRECTORY;
    }
    remaining = size;
    padding = (BLOCK - size % BLOCK) % BLOCK;
  }

  private Type typeOf(byte flag) {
    return switch (flag) {
      case 0, '0', '7' -> paxSparse ? Type.SPARSE_FILE : Type.FILE;
      case 'S' -> Type.SPARSE_FILE;
      case '1' -> Type.HARDLINK;
      case '2' -> Type.SYMLINK;
      case '5' -> Type.DIRECTORY;
      default -> Type.OTHER;
    };
  }

  private void headerPath(int at) {
    int nameLength = text(at, 100);
    boolean ustar =
        buffer[at + 257] == 'u'
            && buffer[at + 258] == 's'
            && buffer[at + 259] == 't'
            && buffer[at + 260] == 'a'
            && buffer[at + 261] == 'r'
            && buffer[at + 262] == 0;
    int prefixLength = ustar ? text(at + 345, 155) : 0;
    int start = 0;
    if (prefixLength > 0) {
      System.arraycopy(buffer, at + 345, path, 0, prefixLength);
      path[prefixLength] = '/';
      start = prefixLength + 1;
    }
    System.arraycopy(buffer, at, path, start, nameLength);
    pathLength = start + nameLength;
  }

  private void setPath(byte[] from, int length) {
    if (path.length < length) {
      path = new byte[length];
    }
    System.arraycopy(from, 0, path, 0, length);
    pathLength = length;
  }

  /**
   * The content of a meta entry whose header is at the buffer's position, with the padding
   * consumed.
   */
  private byte[] extended(long declared) throws IOException {
    take(BLOCK);
    if (declared > MAX_EXTENDED) {
      throw new IOException(
          "tar: an extended header of %d bytes at offset %d, at most %d are read"
              .formatted(declared, consumed, MAX_EXTENDED));
    }
    byte[] content = new byte[(int) declared];
    int done = 0;
    while (done < content.length) {
      if (position == limit && !refill()) {
        throw truncated();
      }
      int n = Math.min(content.length - done, limit - position);
      System.arraycopy(buffer, position, content, done, n);
      take(n);
      done += n;
    }
    skipFully((BLOCK - declared % BLOCK) % BLOCK);
    return content;
  }

  /** Records of the form {@code LENGTH KEY=VALUE\n} (POSIX.1-2001 pax). */
  private void readPax(byte[] records) throws IOException {
    int at = 0;
    while (at < records.length) {
      int start = at;
      int length = 0;
      while (at < records.length
          && records[at] >= '0'
          && records[at] <= '9'
          && length < 10_000_000) {
        length = length * 10 + records[at++] - '0';
      }
      int end = start + length;
      if (length < 5
          || end > records.length
          || at >= end
          || records[at] != ' '
          || records[end - 1] != '\n') {
        throw new IOException("tar: malformed pax header before offset " + consumed);
      }
      int equals = at + 1;
      while (equals < end && records[equals] != '=') {
        equals++;
      }
      if (equals == end) {
        throw new IOException("tar: pax record without '=' before offset " + consumed);
      }
      apply(
          new String(records, at + 1, equals - at - 1, StandardCharsets.UTF_8),
          records,
          equals + 1,
          end - 1);
      at = end;
    }
  }

  private void apply(String key, byte[] records, int from, int to) throws IOException {
    switch (key) {
      case "path", "GNU.sparse.name" -> longPath = java.util.Arrays.copyOfRange(records, from, to);
      case "linkpath" -> longLink = java.util.Arrays.copyOfRange(records, from, to);
      case "size" -> {
        long value = 0;
        for (int i = from; i < to; i++) {
          int digit = records[i] - '0';
          if (digit < 0 || digit > 9 || value > Long.MAX_VALUE / 16) {
            throw new IOException("tar: pax size is no number before offset " + consumed);
          }
          value = value * 10 + digit;
        }
        paxSize = value;
      }
      default -> paxSparse |= key.startsWith("GNU.sparse.");
    }
  }

  private static byte[] trimmed(byte[] text) {
    int end = 0;
    while (end < text.length && text[end] != 0) {
      end++;
    }
    return java.util.Arrays.copyOf(text, end);
  }

  private int text(int at, int max) {
    int n = 0;
    while (n < max && buffer[at + n] != 0) {
      n++;
    }
    return n;
  }

  private long number(int at, int length) throws IOException {
    if ((buffer[at] & 0x80) != 0) {
      long value = buffer[at] & 0x3f;
      for (int i = 1; i < length; i++) {
        if (value > Long.MAX_VALUE >> 9) {
          throw new IOException("tar: impossible size at offset " + consumed);
        }
        value = value << 8 | buffer[at + i] & 0xff;
      }
      if ((buffer[at] & 0x40) != 0) {
        throw new IOException("tar: negative size at offset " + consumed);
      }
      return value;
    }
    long value = 0;
    for (int i = 0; i < length; i++) {
      byte b = buffer[at + i];
      if (b >= '0' && b <= '7') {
        value = value << 3 | b - '0';
      } else if (b != ' ' && b != 0) {
        throw new IOException(
            "tar: a number with a character that is no octal digit at offset " + consumed);
      } else if (value > 0) {
        break;
      }
    }
    return value;
  }

  private void checkSum(int at) throws IOException {
    int sum = 0;
    int signed = 0;
    for (int i = 0; i < BLOCK; i++) {
      byte b = i >= 148 && i < 156 ? (byte) ' ' : buffer[at + i];
      sum += b & 0xff;
      signed += b;
    }
    long declared = number(at + 148, 8);
    if (declared != sum && declared != signed) {
      throw new IOException("tar: no header at offset %d (checksum)".formatted(consumed));
    }
  }

  private boolean isZero(int at) {
    for (int i = 0; i < BLOCK; i++) {
      if (buffer[at + i] != 0) {
        return false;
      }
    }
    return true;
  }

  private void take(int count) {
    position += count;
    consumed += count;
  }

  /** Makes a whole block available at the position; false at a clean end of the stream. */
  private boolean fillBlock() throws IOException {
    if (limit - position >= BLOCK) {
      return true;
    }
    compact();
    while (limit < BLOCK) {
      int n = in.read(buffer, limit, buffer.length - limit);
      if (n < 0) {
        if (limit == 0) {
          return false;
        }
        throw truncated();
      }
      limit += n;
    }
    return true;
  }

  private void compact() {
    System.arraycopy(buffer, position, buffer, 0, limit - position);
    limit -= position;
    position = 0;
  }

  private boolean refill() throws IOException {
    position = 0;
    limit = Math.max(0, in.read(buffer, 0, buffer.length));
    return limit > 0;
  }

  private void skipFully(long count) throws IOException {
    long left = count;
    while (left > 0) {
      if (position == limit && !refill()) {
        throw truncated();
      }
      int n = (int) Math.min(left, limit - position);
      take(n);
      left -= n;
    }
  }

  private EOFException truncated() {
    return new EOFException(
        "tar: the archive ends inside an entry, after %d bytes".formatted(consumed));
  }
}
