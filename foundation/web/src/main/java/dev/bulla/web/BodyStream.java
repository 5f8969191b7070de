package dev.bulla.web;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.Blocker;
import org.jspecify.annotations.Nullable;

/** The body of a request as it arrives; reading blocks. */
final class BodyStream extends InputStream {
  private final Content.Source source;
  private Content.@Nullable Chunk chunk;

  BodyStream(Content.Source source) {
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
        try (Blocker.Runnable blocker = Blocker.runnable()) {
          source.demand(blocker);
          blocker.block();
        }
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
