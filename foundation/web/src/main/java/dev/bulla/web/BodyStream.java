package dev.bulla.web;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Blocker;
import org.eclipse.jetty.util.thread.Invocable;
import org.jspecify.annotations.Nullable;

/** The body of a request as it arrives; reading blocks. */
final class BodyStream extends InputStream {
  /** How often it is looked whether a stream of HTTP/2 that is waited for is still there. */
  private static final long LOOK_MILLIS = 500;

  private final Request source;
  private Content.@Nullable Chunk chunk;

  BodyStream(Request source) {
    this.source = source;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    Content.Chunk current = next();
    if (!current.hasRemaining()) {
      return -1;
    }
    int n = current.get(buffer, offset, length);
    if (!current.hasRemaining()) {
      current.release();
      chunk = Content.Chunk.next(current);
    }
    return n;
  }

  @Override
  public int available() {
    Content.Chunk current = chunk;
    return current == null || Content.Chunk.isFailure(current) ? 0 : current.remaining();
  }

  /** Whether all of it has come and was read; does not wait. */
  boolean ended() {
    Content.Chunk current = chunk;
    if (current == null) {
      current = source.read();
      chunk = current;
    }
    return current != null
        && current.isLast()
        && !current.hasRemaining()
        && !Content.Chunk.isFailure(current);
  }

  /** Gives back what was taken in and not read. */
  void release() {
    Content.Chunk current = chunk;
    chunk = null;
    if (current != null) {
      current.release();
    }
  }

  /** Something to read, or the end. */
  private Content.Chunk next() throws IOException {
    while (true) {
      Content.Chunk current = chunk;
      if (current == null) {
        current = source.read();
      }
      if (current == null) {
        await();
        continue;
      }
      chunk = current;
      if (Content.Chunk.isFailure(current)) {
        throw failed(current.getFailure());
      }
      if (current.hasRemaining() || current.isLast()) {
        return current;
      }
      current.release();
      chunk = null;
    }
  }

  /** Until there is something to read. */
  private void await() throws IOException {
    if (source.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_2) {
      awaitStream();
      return;
    }
    try (Blocker.Runnable blocker = Blocker.runnable()) {
      source.demand(blocker);
      blocker.block();
    }
  }

  /**
   * Jetty resets a stream whose body ends before the length that was announced, and tells nobody
   * who waits for it: such a request would stay for ever.
   */
  private void awaitStream() throws IOException {
    CountDownLatch came = new CountDownLatch(1);
    source.demand(Invocable.from(Invocable.InvocationType.NON_BLOCKING, came::countDown));
    try {
      while (!came.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        if (Http2.isGone(source)) {
          IOException end = failed(null);
          chunk = Content.Chunk.from(end);
          throw end;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a body was read");
    }
  }

  /** Whether the body cannot be read any further. */
  boolean broken() {
    return Content.Chunk.isFailure(chunk);
  }

  /** That a caller did not send what he announced. */
  static final class Broken extends EOFException {
    private static final long serialVersionUID = 1;

    Broken() {
      super("the body broke off");
    }
  }

  private static IOException failed(@Nullable Throwable why) {
    Broken end = new Broken();
    if (why != null) {
      end.initCause(why);
    }
    return end;
  }
}
