package dev.bulla.web;

import java.io.IOException;
import java.io.InputStream;

/**
 * A body that must keep coming: after {@value #GRACE_SECONDS} seconds it has to have brought
 * {@value #BYTES_PER_SECOND} bytes for each second, or it is cut off. The connection's idle timeout
 * ends who sends nothing; this ends who sends next to nothing, for ever.
 */
final class PacedBody extends InputStream {
  static final int GRACE_SECONDS = 30;
  static final int BYTES_PER_SECOND = 256;

  private final InputStream body;
  private final long begun;
  private final java.util.function.LongSupplier nanos;
  private long bytes;

  PacedBody(InputStream body, java.util.function.LongSupplier nanos) {
    this.body = body;
    this.nanos = nanos;
    this.begun = nanos.getAsLong();
  }

  @Override
  public int read() throws IOException {
    int one = body.read();
    return counted(one, one < 0 ? 0 : 1);
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int n = body.read(buffer, offset, length);
    return counted(n, n);
  }

  @Override
  public int available() throws IOException {
    return body.available();
  }

  private int counted(int result, int n) throws IOException {
    bytes += Math.max(0, n);
    long seconds = (nanos.getAsLong() - begun) / 1_000_000_000;
    if (result >= 0 && seconds > GRACE_SECONDS && bytes < seconds * BYTES_PER_SECOND) {
      throw new IOException("%d bytes of a body in %d seconds".formatted(bytes, seconds));
    }
    return result;
  }
}
