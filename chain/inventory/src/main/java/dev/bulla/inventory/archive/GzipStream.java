package dev.bulla.inventory.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/**
 * Inflates gzip (RFC 1952), all members of it.
 *
 * <p>The JDK's own stream asks {@code available()} whether another member follows, which a network
 * stream answers with zero; layers written by parallel or seekable compressors have many members
 * and would be cut short. Zero bytes after the last member are padding. Not thread-safe.
 */
public final class GzipStream extends InputStream {
  private static final int FHCRC = 2;
  private static final int FEXTRA = 4;
  private static final int FNAME = 8;
  private static final int FCOMMENT = 16;

  private final InputStream in;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 crc = new CRC32();
  private final byte[] input = new byte[64 * 1024];
  private int position;
  private int limit;
  private boolean inMember;
  private boolean finished;

  public GzipStream(InputStream in) {
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    try {
      while (!finished) {
        if (!inMember && !startMember()) {
          finished = true;
          break;
        }
        int n = inflater.inflate(target, offset, length);
        if (n > 0) {
          crc.update(target, offset, n);
          return n;
        }
        if (inflater.finished()) {
          endMember();
        } else if (inflater.needsDictionary()) {
          throw new ZipException("gzip: a preset dictionary is not possible");
        } else {
          feed();
        }
      }
      return -1;
    } catch (DataFormatException e) {
      throw new ZipException("gzip: " + e.getMessage());
    }
  }

  private void feed() throws IOException {
    if (!fill()) {
      throw new EOFException("gzip: the data ends inside a member");
    }
    inflater.setInput(input, position, limit - position);
    position = limit;
  }

  private boolean startMember() throws IOException {
    int first = next();
    while (first == 0) {
      first = next();
    }
    if (first < 0) {
      return false;
    }
    if (first != 0x1f || need() != 0x8b || need() != 8) {
      throw new ZipException("gzip: no member header where one is due");
    }
    int flags = need();
    skip(6);
    if ((flags & FEXTRA) != 0) {
      skip(need() | need() << 8);
    }
    if ((flags & FNAME) != 0) {
      skipText();
    }
    if ((flags & FCOMMENT) != 0) {
      skipText();
    }
    if ((flags & FHCRC) != 0) {
      skip(2);
    }
    inflater.reset();
    inflater.setInput(input, position, limit - position);
    position = limit;
    crc.reset();
    inMember = true;
    return true;
  }

  private void endMember() throws IOException {
    position = limit - inflater.getRemaining();
    long sum = needInt();
    long size = needInt();
    if (sum != crc.getValue()) {
      throw new ZipException("gzip: the checksum of a member does not match");
    }
    if (size != (inflater.getBytesWritten() & 0xffffffffL)) {
      throw new ZipException("gzip: the size of a member does not match");
    }
    inMember = false;
  }

  private boolean fill() throws IOException {
    limit = Math.max(0, in.read(input, 0, input.length));
    position = 0;
    return limit > 0;
  }

  private int next() throws IOException {
    return position < limit || fill() ? input[position++] & 0xff : -1;
  }

  private int need() throws IOException {
    int b = next();
    if (b < 0) {
      throw new EOFException("gzip: the data ends in a header or trailer");
    }
    return b;
  }

  private long needInt() throws IOException {
    return need() | need() << 8 | need() << 16 | (long) need() << 24;
  }

  private void skip(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      need();
    }
  }

  private void skipText() throws IOException {
    while (need() != 0) {}
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }
}
