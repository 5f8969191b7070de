package dev.bulla.oci;

import dev.bulla.core.Descriptor;
import dev.bulla.core.VerifyingInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;

/** Tells how many bytes have been read so far. */
final class CountingStream extends FilterInputStream {
  private final LongConsumer progress;
  private long count;

  CountingStream(InputStream in, LongConsumer progress) {
    super(in);
    this.progress = progress;
  }

  /** Whether the stream underneath checks its bytes against {@code blob}. */
  boolean verifies(Descriptor blob) {
    return in instanceof VerifyingInputStream own && own.verifies(blob.digest(), blob.size());
  }

  @Override
  public int read() throws IOException {
    int b = in.read();
    if (b >= 0) {
      progress.accept(++count);
    }
    return b;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int n = in.read(buffer, offset, length);
    if (n > 0) {
      count += n;
      progress.accept(count);
    }
    return n;
  }

  @Override
  public long skip(long n) throws IOException {
    return readNBytes((int) Math.min(n, 64 * 1024)).length;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
