package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * A range of an object; an answer that breaks off is asked for again from where it broke. Not
 * thread-safe.
 */
final class S3Stream extends InputStream {
  private final S3Blobs blobs;
  private final String key;
  private final long end;
  private ResponseInputStream<GetObjectResponse> in;
  private long position;
  private int failures;

  private S3Stream(
      S3Blobs blobs,
      String key,
      long position,
      long end,
      ResponseInputStream<GetObjectResponse> in) {
    this.blobs = blobs;
    this.key = key;
    this.position = position;
    this.end = end;
    this.in = in;
  }

  /**
   * Opens the bytes from {@code first} up to {@code end}, which is beyond the last.
   *
   * @throws BullaException {@code BLOBS_UNAVAILABLE}, or {@code BLOB_NOT_FOUND} if there is no such
   *     object
   */
  static S3Stream open(S3Blobs blobs, String key, long first, long end) {
    return new S3Stream(blobs, key, first, end, request(blobs, key, first, end));
  }

  private static ResponseInputStream<GetObjectResponse> request(
      S3Blobs blobs, String key, long first, long end) {
    ResponseInputStream<GetObjectResponse> in =
        blobs
            .bucket()
            .open(key, "bytes=%d-%d".formatted(first, end - 1))
            .orElseThrow(
                () -> new BullaException(ErrorCode.BLOB_NOT_FOUND, key + " was deleted meanwhile"));
    String range = in.response().contentRange();
    if (first > 0 && range == null) {
      skip(in, first); // a server that knows no ranges is sending all of it
    } else if (range != null && !range.startsWith("bytes " + first + "-")) {
      in.abort();
      throw new BullaException(
          ErrorCode.BLOBS_UNAVAILABLE,
          "%s: S3 was asked for the bytes from %d and sends %s".formatted(key, first, range),
          "Look at what lies between this server and S3.");
    }
    return in;
  }

  private static void skip(ResponseInputStream<GetObjectResponse> in, long bytes) {
    try {
      in.skipNBytes(bytes);
    } catch (IOException e) {
      in.abort();
      throw S3Faults.of(e, "reading all of an object for a part of it");
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (position >= end) {
      return -1;
    }
    while (true) {
      try {
        int n = in.read(bytes, offset, (int) Math.min(length, end - position));
        if (n < 0) {
          throw new EOFException("%s ended %d bytes early".formatted(key, end - position));
        }
        position += n;
        failures = 0;
        return n;
      } catch (AbortedException e) {
        throw new IOException(e);
      } catch (IOException e) {
        again(e);
      }
    }
  }

  private void again(IOException why) throws IOException {
    if (++failures >= S3Bucket.ATTEMPTS) {
      throw why;
    }
    in.abort();
    try {
      in = request(blobs, key, position, end);
    } catch (BullaException e) {
      throw new IOException(e.reason(), e);
    }
  }

  @Override
  public void close() {
    if (position < end) {
      in.abort(); // else the rest would be read only to be thrown away
    } else {
      try {
        in.close();
      } catch (IOException e) {
        // all bytes were read
      }
    }
  }
}
