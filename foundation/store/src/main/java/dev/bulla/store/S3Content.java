package dev.bulla.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Optional;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Stored content, open for reading: its beginning, which came with the answer that told its size,
 * and the rest as it is asked for.
 */
final class S3Content implements Blob {
  private static final int BUFFER = 64 * 1024;

  /** So much of a blob is read at once when many are open, by clients that may not read on. */
  private static final int LITTLE = 16 * 1024;

  private final S3Blobs blobs;
  private final String key;
  private final byte[] window;
  private final long size;
  private Optional<S3Stream> rest = Optional.empty();
  private boolean permitted;

  private S3Content(S3Blobs blobs, String key, byte[] window, long size) {
    this.blobs = blobs;
    this.key = key;
    this.window = window;
    this.size = size;
  }

  /** An object with its first bytes, by one request. */
  static Optional<Blob> open(S3Blobs blobs, String key) throws IOException {
    boolean permitted = blobs.windows().tryAcquire();
    Optional<S3Content> content = Optional.empty();
    try {
      int most = blobs.sizes().window();
      content = open(blobs, key, permitted ? most : Math.min(most, LITTLE));
    } finally {
      if (content.isPresent()) {
        content.get().permitted = permitted;
      } else if (permitted) {
        blobs.windows().release();
      }
    }
    return content.map(Blob.class::cast);
  }

  private static Optional<S3Content> open(S3Blobs blobs, String key, int most) throws IOException {
    try (ResponseInputStream<GetObjectResponse> in =
        blobs.bucket().opened(key, "bytes=0-" + (most - 1))) {
      String range = in.response().contentRange();
      long size =
          range == null
              ? in.response().contentLength()
              : Long.parseLong(range.substring(range.indexOf('/') + 1));
      int length = (int) Math.min(size, most);
      byte[] window = in.readNBytes(length);
      if (window.length < length) {
        throw new IOException("%d of %d bytes".formatted(window.length, length));
      }
      if (range == null && size > length) {
        in.abort(); // a server that knows no ranges is sending all of it
      }
      return Optional.of(new S3Content(blobs, key, window, size));
    } catch (SdkException e) {
      if (S3Faults.isAbsent(e)) {
        return Optional.empty();
      }
      if (S3Faults.isBeyond(e)) {
        return Optional.of(new S3Content(blobs, key, new byte[0], 0)); // it has no first byte
      }
      throw S3Faults.of(e, "opening " + key);
    }
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
    closeRest();
    long end = Math.min(size, offset + length);
    if (end > window.length) {
      rest = Optional.of(S3Stream.open(blobs, key, Math.max(offset, window.length), end));
    }
    return new Reader(offset, end);
  }

  @Override
  public void close() {
    closeRest();
    if (permitted) {
      permitted = false;
      blobs.windows().release();
    }
  }

  private void closeRest() {
    if (rest.isPresent()) {
      rest.get().close();
      rest = Optional.empty();
    }
  }

  private final class Reader implements ReadableByteChannel {
    private final long end;
    private byte[] bytes = new byte[0];
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
        n = readRest(into, n);
        if (n < 0) {
          return -1;
        }
      }
      position += n;
      return n;
    }

    private int readRest(ByteBuffer into, int most) throws IOException {
      S3Stream in = rest.orElseThrow();
      if (into.hasArray()) {
        int n = in.read(into.array(), into.arrayOffset() + into.position(), most);
        into.position(into.position() + Math.max(n, 0));
        return n;
      }
      if (bytes.length == 0) {
        bytes = new byte[BUFFER];
      }
      int n = in.read(bytes, 0, Math.min(most, bytes.length));
      into.put(bytes, 0, Math.max(n, 0));
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
