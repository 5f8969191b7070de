package dev.bulla.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;

/**
 * Stored content, open for reading: its beginning, which came with the answer that told its size,
 * and the rest as it is asked for.
 */
final class S3Content implements Blob {
  private static final int BUFFER = 64 * 1024;

  private final S3Blobs blobs;
  private final String key;
  private final byte[] window;
  private final long size;
  private Optional<S3Stream> rest = Optional.empty();

  S3Content(S3Blobs blobs, String key, byte[] window, long size) {
    this.blobs = blobs;
    this.key = key;
    this.window = window;
    this.size = size;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public ReadableByteChannel from(long offset) throws IOException {
    return from(offset, size - offset);
  }

  /**
   * The request for what the window does not hold is sent here and not when it is read: so a
   * failure is one of opening, and content that is deleted a moment later is read to its end.
   */
  @Override
  public ReadableByteChannel from(long offset, long length) throws IOException {
    close();
    long end = Math.min(size, offset + length);
    if (end > window.length) {
      rest = Optional.of(S3Stream.open(blobs, key, Math.max(offset, window.length), end));
    }
    return new Reader(offset, end);
  }

  @Override
  public void close() throws IOException {
    if (rest.isPresent()) {
      rest.get().close();
      rest = Optional.empty();
    }
  }

  private final class Reader implements ReadableByteChannel {
    private final long end;
    private final byte[] bytes = new byte[BUFFER];
    private long position;
    private boolean closed;

    Reader(long position, long end) {
      this.position = position;
      this.end = end;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      if (position >= end) {
        return -1;
      }
      int n = (int) Math.min(into.remaining(), end - position);
      if (position < window.length) {
        n = Math.min(n, window.length - (int) position);
        into.put(window, (int) position, n);
      } else {
        n = rest.orElseThrow().read(bytes, 0, Math.min(n, bytes.length));
        if (n < 0) {
          return -1;
        }
        into.put(bytes, 0, n);
      }
      position += n;
      return n;
    }

    @Override
    public boolean isOpen() {
      return !closed;
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
