package dev.bulla.oci;

import java.io.IOException;
import java.io.InputStream;

/**
 * A {@link BlobSource} that is read part after part without opening it for each: parts that follow
 * each other share one stream, any other offset opens a new one.
 */
final class Cursor implements AutoCloseable {
  private final BlobSource source;
  private InputStream in = InputStream.nullInputStream();
  private long position = -1;

  Cursor(BlobSource source) {
    this.source = source;
  }

  /** Goes to {@code offset}. */
  synchronized void seek(long offset) throws IOException {
    if (position != offset) {
      close();
      in = source.open();
      in.skipNBytes(offset);
      position = offset;
    }
  }

  /**
   * Reads up to {@code length} bytes to the start of {@code buffer}; fewer only at the end of the
   * source.
   */
  synchronized int read(byte[] buffer, int length) throws IOException {
    int n = in.readNBytes(buffer, 0, length);
    position += n;
    return n;
  }

  /** Reads past the last byte, so that a source that verifies itself can object. */
  synchronized void finish() throws IOException {
    if (in.read() >= 0) {
      throw new IOException("the source has more bytes than its descriptor says");
    }
  }

  /** Lets go of the stream; the next part opens a new one. */
  @Override
  public synchronized void close() {
    ResumingDownload.closeQuietly(in);
    position = -1;
  }
}
