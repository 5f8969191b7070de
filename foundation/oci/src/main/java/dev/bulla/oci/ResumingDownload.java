package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.io.InputStream;

/**
 * The bytes of a blob over as many connections as it takes: when one breaks, the next asks for the
 * rest by {@code Range}. The bytes are not verified here. Attempts without a single new byte in
 * between are limited. Not thread-safe.
 */
final class ResumingDownload extends InputStream {
  private final Transport transport;
  private final Call call;
  private final long size;
  private InputStream body;
  private long position;
  private int fruitless;
  private boolean closed;

  private ResumingDownload(Transport transport, Call call, long size, InputStream body) {
    this.transport = transport;
    this.call = call;
    this.size = size;
    this.body = body;
  }

  /**
   * @throws BullaException {@code BLOB_NOT_FOUND}; {@code SIZE_MISMATCH} if the registry announces
   *     another length
   */
  static ResumingDownload open(Transport transport, Call call, Descriptor blob) {
    Response response = transport.send(call);
    if (response.status() != 200) {
      throw Failures.of(call, response, ErrorCode.BLOB_NOT_FOUND);
    }
    requireLength(call, response, blob.size());
    return new ResumingDownload(transport, call, blob.size(), response.body());
  }

  /**
   * The same from {@code offset} on, for whoever has the bytes before it.
   *
   * @throws BullaException as {@link #open}
   */
  static ResumingDownload from(Transport transport, Call call, Descriptor blob, long offset) {
    ResumingDownload download =
        new ResumingDownload(transport, call, blob.size(), InputStream.nullInputStream());
    download.position = offset;
    Response response = download.ask();
    if (response.status() == 200) {
      requireLength(call, response, blob.size());
    }
    download.take(response);
    return download;
  }

  private static void requireLength(Call call, Response response, long size) {
    long announced = response.length();
    if (announced != size) {
      closeQuietly(response.body());
      throw new BullaException(
          ErrorCode.SIZE_MISMATCH,
          "%s: the registry sends %d bytes, expected %d".formatted(call.what(), announced, size),
          "The content was cut or changed in the registry; fetch it from another source.");
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    int n = read(one, 0, 1);
    return n < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    while (true) {
      try {
        int n = body.read(buffer, offset, length);
        if (n >= 0) {
          position += n;
          fruitless = n > 0 ? 0 : fruitless;
          return n;
        }
        if (position >= size) {
          return -1;
        }
        reopen(new IOException("the answer ended after " + position + " of " + size + " bytes"));
      } catch (IOException e) {
        if (closed || Thread.currentThread().isInterrupted()) {
          throw e;
        }
        reopen(e);
      }
    }
  }

  private void reopen(IOException cause) {
    closeQuietly(body);
    if (fruitless >= transport.backoff().retries()) {
      throw Failures.unreachable(call, cause, fruitless + 1);
    }
    Backoff.pause(transport.backoff().delay(fruitless++));
    take(ask());
  }

  private Response ask() {
    return transport.send(call.header("Range", "bytes=" + position + "-"));
  }

  private void take(Response response) {
    body = response.body();
    switch (response.status()) {
      case 206 -> checkRange(response);
      case 200 -> skipWhatWasRead(); // if it is too short, this was one more attempt
      default -> throw Failures.of(call, response, ErrorCode.BLOB_NOT_FOUND);
    }
  }

  private void checkRange(Response response) {
    String range = response.header("Content-Range").orElse("");
    boolean fits = range.startsWith("bytes " + position + "-");
    if (fits && (range.endsWith("/" + size) || range.endsWith("/*"))) {
      return;
    }
    closeQuietly(body);
    throw new BullaException(
        fits ? ErrorCode.SIZE_MISMATCH : ErrorCode.REGISTRY_PROTOCOL,
        "%s: asked for bytes from %d of %d, the registry sends '%s'"
            .formatted(call.what(), position, size, dev.bulla.core.Shown.text(range)));
  }

  /**
   * The registry ignored the range: the part that is known passes by; the digest still covers every
   * byte handed on.
   */
  private void skipWhatWasRead() {
    try {
      body.skipNBytes(position);
    } catch (IOException e) {
      reopen(e);
    }
  }

  @Override
  public void close() {
    closed = true;
    closeQuietly(body);
  }

  static void closeQuietly(InputStream in) {
    try {
      in.close();
    } catch (IOException e) {
      // nothing more is read from it
    }
  }
}
