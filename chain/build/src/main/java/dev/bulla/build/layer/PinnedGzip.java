package dev.bulla.build.layer;

import com.jcraft.jzlib.Deflater;
import com.jcraft.jzlib.GZIPException;
import com.jcraft.jzlib.JZlib;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.CRC32;

/**
 * gzip (RFC 1952) whose bytes depend on the content alone.
 *
 * <p>The JDK's deflater is whatever zlib the vendor built in, and each gives other bytes; JZlib is
 * Java, in one pinned version. The header has no time, no name, and 255 ("unknown") as operating
 * system. Content is handed to the compressor in blocks of one fixed size, so that the callers'
 * buffer sizes cannot matter. A changed golden digest in the tests means a new {@link
 * LayerWriter#COMPATIBILITY_VERSION}. Not thread-safe.
 */
final class PinnedGzip extends FilterOutputStream {
  static final String NAME = "jzlib";
  static final String VERSION = "1.1.3";
  static final int LEVEL = 6;

  private static final int BLOCK = 64 * 1024;
  private static final int WINDOW_BITS = 15;
  private static final byte[] HEADER = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, (byte) 0xff};

  private final Deflater deflater;
  private final CRC32 crc = new CRC32();
  private final byte[] block = new byte[BLOCK];
  private final byte[] compressed = new byte[BLOCK];
  private int filled;
  private long total;
  private boolean finished;

  PinnedGzip(OutputStream out) throws IOException {
    super(out);
    try {
      deflater = new Deflater(LEVEL, WINDOW_BITS, true);
    } catch (GZIPException e) {
      throw new IllegalStateException("the compressor refuses its fixed settings", e);
    }
    out.write(HEADER);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int from = offset;
    int left = length;
    while (left > 0) {
      int n = Math.min(left, BLOCK - filled);
      System.arraycopy(bytes, from, block, filled, n);
      filled += n;
      from += n;
      left -= n;
      if (filled == BLOCK) {
        compressBlock();
      }
    }
  }

  @Override
  public void flush() throws IOException {
    out.flush(); // nothing is forced out of the compressor: its blocks must not depend on who
    // flushes
  }

  @Override
  public void close() throws IOException {
    try {
      finish();
    } finally {
      out.close();
    }
  }

  private void finish() throws IOException {
    if (finished) {
      return;
    }
    finished = true;
    compressBlock();
    int status;
    do {
      status = drain(JZlib.Z_FINISH);
    } while (status != JZlib.Z_STREAM_END);
    writeLittleEndian((int) crc.getValue());
    writeLittleEndian((int) total);
    out.flush();
  }

  private void compressBlock() throws IOException {
    crc.update(block, 0, filled);
    total += filled;
    deflater.setInput(block, 0, filled, false);
    while (deflater.getAvailIn() > 0) {
      drain(JZlib.Z_NO_FLUSH);
    }
    filled = 0;
  }

  private int drain(int flush) throws IOException {
    deflater.setOutput(compressed, 0, compressed.length);
    int status = deflater.deflate(flush);
    if (status != JZlib.Z_OK && status != JZlib.Z_STREAM_END) {
      throw new IllegalStateException("the compressor failed with status " + status);
    }
    out.write(compressed, 0, compressed.length - deflater.getAvailOut());
    return status;
  }

  private void writeLittleEndian(int value) throws IOException {
    for (int shift = 0; shift < 32; shift += 8) {
      out.write(value >>> shift);
    }
  }
}
