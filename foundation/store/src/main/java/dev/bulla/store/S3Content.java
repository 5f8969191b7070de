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

  /** An object with its first bytes, by one request. */
  static Optional<Blob> open(S3Blobs blobs, String key) throws IOException {
    try (ResponseInputStream<GetObjectResponse> in =
        blobs.bucket().opened(key, "bytes=0-" + (blobs.sizes().window() - 1))) {
      String range = in.response().contentRange();
      long size =
          range == null
              ? in.response().contentLength()
              : Long.parseLong(range.substring(range.indexOf('/') + 1));
      int length = (int) Math.min(size, blobs.sizes().window());
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
