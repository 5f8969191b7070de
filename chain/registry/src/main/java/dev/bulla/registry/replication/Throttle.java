package dev.bulla.registry.replication;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;

/**
 * Lets through so many bytes a second, over all streams together, with a second's worth of credit.
 * Thread-safe.
 */
final class Throttle {
  private static final int LARGEST_READ = 64 * 1024;

  private final long bytesPerSecond;
  private long freeAt = System.nanoTime();

  /**
   * @param bytesPerSecond 0 without limit
   */
  Throttle(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  InputStream limit(InputStream in) {
    return bytesPerSecond == 0 ? in : new Limited(in);
  }

  /** Nanoseconds to wait before the next read. */
  private synchronized long spend(long bytes) {
    long now = System.nanoTime();
    freeAt = Math.max(freeAt, now - 1_000_000_000L) + bytes * 1_000_000_000L / bytesPerSecond;
    return freeAt - now;
  }

  private final class Limited extends FilterInputStream {
    Limited(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int n = super.read(buffer, offset, Math.min(length, LARGEST_READ));
      if (n > 0) {
        pause(spend(n));
      }
      return n;
    }

    private static void pause(long nanos) throws InterruptedIOException {
      try {
        if (nanos > 0) {
          Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      }
    }
  }
}
