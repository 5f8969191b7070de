package dev.bulla.inventory;

import dev.bulla.inventory.archive.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Holds the content of one file of interest at a time: in a buffer that is used again and again, or
 * in a temporary file if it is larger than {@value #MAX_BUFFER} bytes. One for each worker; not
 * thread-safe.
 */
final class Workspace implements AutoCloseable {
  /** The largest content that is held in memory: 8 MiB. */
  static final int MAX_BUFFER = 8 * 1024 * 1024;

  private static final int FIRST_BUFFER = 256 * 1024;

  private byte[] buffer = new byte[FIRST_BUFFER];
  private @Nullable FileChannel spool;

  /** Where content comes from: reads up to {@code length} bytes, -1 at the end. */
  @FunctionalInterface
  interface Source {
    int read(byte[] target, int offset, int length) throws IOException;
  }

  /**
   * Reads {@code size} bytes; what it returns holds until the next call.
   *
   * @throws IOException if the source ends early or the temporary file cannot be written
   */
  Bytes load(Source source, long size) throws IOException {
    if (size > MAX_BUFFER) {
      return spool(source, size);
    }
    int length = (int) size;
    if (buffer.length < length) {
      buffer = new byte[Math.min(MAX_BUFFER, Math.max(length, buffer.length * 2))];
    }
    int done = 0;
    while (done < length) {
      int n = source.read(buffer, done, length - done);
      if (n < 0) {
        throw new java.io.EOFException("%d bytes of %d".formatted(done, length));
      }
      done += n;
    }
    return Bytes.of(buffer, 0, length);
  }

  private Bytes spool(Source source, long size) throws IOException {
    FileChannel file = spool;
    if (file == null) {
      Path path = Files.createTempFile("bulla-", ".part");
      file =
          FileChannel.open(
              path,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
      spool = file;
    }
    file.truncate(0);
    long done = 0;
    while (done < size) {
      int n = source.read(buffer, 0, (int) Math.min(buffer.length, size - done));
      if (n < 0) {
        throw new java.io.EOFException("%d bytes of %d".formatted(done, size));
      }
      ByteBuffer part = ByteBuffer.wrap(buffer, 0, n);
      while (part.hasRemaining()) {
        done += file.write(part, done);
      }
    }
    return Bytes.of(file, size);
  }

  @Override
  public void close() throws IOException {
    if (spool != null) {
      spool.close();
    }
  }
}
