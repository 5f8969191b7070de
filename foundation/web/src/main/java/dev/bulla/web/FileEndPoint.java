package dev.bulla.web;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * A connection that can send parts of files without bringing them into the process: the kernel
 * moves them from its cache to the socket.
 *
 * <p>Jetty writes buffers, and counts what it wrote. So it is given buffers of {@link #STAND_IN},
 * and where one of them is due, as many bytes of the file are sent in its place. Everything else
 * about the answer, its order and its waiting for the other end stays Jetty's.
 */
final class FileEndPoint extends SocketChannelEndPoint {
  /** Below this, reading and writing is cheaper: the bytes leave together with the head. */
  static final long WORTHWHILE = 64 * 1024;

  private static final byte[] STAND_IN = new byte[1024 * 1024];

  private @Nullable FileChannel file;
  private long position;

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
    file = from;
    position = from.position();
    long end = position + length;
    try {
      for (long left = length; left > 0; left -= Math.min(left, STAND_IN.length)) {
        int piece = (int) Math.min(left, STAND_IN.length);
        Content.Sink.write(response, left == piece, ByteBuffer.wrap(STAND_IN, 0, piece));
      }
      if (position != end) {
        throw new IOException("of a file, %d bytes were not sent".formatted(end - position));
      }
    } finally {
      file = null;
    }
  }

  @Override
  public boolean flush(ByteBuffer... buffers) throws IOException {
    FileChannel from = file;
    if (from == null) {
      return super.flush(buffers);
    }
    for (ByteBuffer buffer : buffers) {
      boolean standIn = buffer.hasArray() && buffer.array() == STAND_IN;
      if (!(standIn ? transfer(from, buffer) : super.flush(buffer))) {
        return false;
      }
    }
    return true;
  }

  private boolean transfer(FileChannel from, ByteBuffer standIn) throws IOException {
    while (standIn.hasRemaining()) {
      long n = sendFile(from, standIn.remaining());
      if (n == 0) {
        if (position >= from.size()) {
          throw new EOFException("content ended early");
        }
        return false; // the other end takes no more at present
      }
      position += n;
      standIn.position(standIn.position() + (int) n);
      notIdle();
    }
    return true;
  }

  private long sendFile(FileChannel from, int count) throws IOException {
    try {
      return from.transferTo(position, count, getChannel());
    } catch (IOException e) {
      throw new EofException(e);
    }
  }
}
