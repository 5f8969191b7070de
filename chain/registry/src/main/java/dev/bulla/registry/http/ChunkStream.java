package dev.bulla.registry.http;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A chunk that must be exactly as long as its Content-Range says, whatever coding it arrives in.
 */
final class ChunkStream extends FilterInputStream {
  private final long length;
  private long left;

  ChunkStream(InputStream in, long length) {
    super(in);
    this.length = length;
    this.left = length;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int count) throws IOException {
    if (left == 0) {
      if (in.read() >= 0) {
        throw wrong("more");
      }
      return -1;
    }
    int n = in.read(buffer, offset, (int) Math.min(count, left));
    if (n < 0) {
      throw wrong("only " + (length - left));
    }
    left -= n;
    return n;
  }

  private BullaException wrong(String found) {
    return new BullaException(
        ErrorCode.SIZE_MISMATCH,
        "the chunk has %s bytes, its Content-Range says %d".formatted(found, length),
        "Ask the upload for its offset and go on from there.");
  }
}
