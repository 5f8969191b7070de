package dev.bulla.web;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.Blocker;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * A connection that can send parts of files without bringing them into the process: the kernel
 * moves them from its cache to the socket.
 *
 * <p>The thread that answers the request sends them itself, after the head: nothing is handed from
 * thread to thread, and the thread that serves all connections never waits for a disk. Only when
 * the socket is full is Jetty asked to say when it is not. Jetty counts what it wrote; so in the
 * end it is given {@link #STAND_IN} for what was sent, which goes nowhere.
 */
final class FileEndPoint extends SocketChannelEndPoint {
  /** Below this, reading and writing is cheaper: the bytes leave together with the head. */
  static final long WORTHWHILE = 64 * 1024;

  /** What is sent in one call of the system. */
  private static final int PIECE = 8 * 1024 * 1024;

  /** What a full socket holds: the less often it has to be filled anew, the cheaper. */
  private static final int SOCKET_BUFFER = 4 * 1024 * 1024;

  /**
   * A size that is asked for ends the kernel's own growing of the buffer (tcp(7)), so it is only
   * asked for where it is granted: a smaller one would slow down whoever is far away.
   */
  private static final boolean LARGE_SOCKET_BUFFERS =
      granted(Path.of("/proc/sys/net/core/wmem_max"));

  private static final byte[] STAND_IN = new byte[1024 * 1024];
  private static final byte[] ROOM = new byte[1];

  private volatile boolean waiting;
  private boolean full;

  FileEndPoint(
      SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler) {
    super(channel, selector, key, scheduler);
  }

  /** The connection that answers a request; empty if something, as TLS, lies between. */
  static Optional<FileEndPoint> of(Request request) {
    return request.getConnectionMetaData().getConnection() instanceof HttpConnection http
            && http.getEndPoint() instanceof FileEndPoint own
        ? Optional.of(own)
        : Optional.empty();
  }

  /** Sends {@code length} bytes from the file's position on as the body of {@code response}. */
  void send(Response response, FileChannel from, long length) throws IOException {
    Content.Sink.write(response, false, BufferUtil.EMPTY_BUFFER); // the head
    if (length >= SOCKET_BUFFER && LARGE_SOCKET_BUFFERS) {
      getChannel().setOption(StandardSocketOptions.SO_SNDBUF, SOCKET_BUFFER);
    }
    long position = from.position();
    for (long left = length; left > 0; ) {
      long n = sendFile(from, position, (int) Math.min(left, PIECE));
      if (n > 0) {
        notIdle();
        position += n;
        left -= n;
      } else if (position >= from.size()) {
        throw new EOFException("content ended early");
      } else {
        awaitRoom();
      }
    }
    for (long left = length; left > 0; left -= Math.min(left, STAND_IN.length)) {
      int piece = (int) Math.min(left, STAND_IN.length);
      Content.Sink.write(response, left == piece, ByteBuffer.wrap(STAND_IN, 0, piece));
    }
  }

  private long sendFile(FileChannel from, long position, int count) throws IOException {
    try {
      return from.transferTo(position, count, getChannel());
    } catch (IOException e) {
      throw new EofException(e);
    }
  }

  /**
   * Waits until the other end takes more, it ends the connection, or it was silent for too long.
   */
  private void awaitRoom() throws IOException {
    full = true;
    waiting = true;
    try (Blocker.Callback blocker = Blocker.callback()) {
      write(blocker, ByteBuffer.wrap(ROOM));
      blocker.block();
    } finally {
      waiting = false;
    }
  }

  /** Jetty's request does not know of this wait, and would let it be. */
  @Override
  protected void onIdleExpired(TimeoutException timeout) {
    if (waiting) {
      getWriteFlusher().onFail(timeout);
    } else {
      super.onIdleExpired(timeout);
    }
  }

  @Override
  public boolean flush(ByteBuffer... buffers) throws IOException {
    for (ByteBuffer buffer : buffers) {
      if (isOf(STAND_IN, buffer)) {
        buffer.position(buffer.limit());
      } else if (isOf(ROOM, buffer)) {
        if (full) {
          full = false;
          return false; // so that this is asked again when there is room
        }
        buffer.position(buffer.limit());
      } else if (!super.flush(buffer)) {
        return false;
      }
    }
    return true;
  }

  private static boolean granted(Path most) {
    try {
      return Long.parseLong(Files.readString(most).strip()) >= SOCKET_BUFFER;
    } catch (IOException | NumberFormatException e) {
      return false; // another system, or one that does not say
    }
  }

  private static boolean isOf(byte[] array, ByteBuffer buffer) {
    return buffer.hasArray() && buffer.array() == array;
  }
}
