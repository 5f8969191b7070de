package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The bytes of one segment on their way to S3, in a file: S3 wants to know the length first and the
 * bytes again if an answer is lost, and memory is not to grow with the number of uploads. Not
 * durable and not thread-safe.
 */
final class S3Spool implements AutoCloseable {
  private final Path file;
  private final OutputStream out;
  private long size;

  S3Spool(Path directory) {
    try {
      this.file = Files.createTempFile(directory, "segment", "");
      this.out = Files.newOutputStream(file);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** Makes the directory, and removes what an earlier process left there. */
  static void prepare(Path directory) {
    try {
      Files.createDirectories(directory);
      try (Stream<Path> files = Files.list(directory)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  long size() {
    return size;
  }

  void write(byte[] bytes, int offset, int count) {
    try {
      out.write(bytes, offset, count);
      size += count;
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /** The file with all that was written. */
  Path done() {
    try {
      out.close();
      return file;
    } catch (IOException e) {
      throw failure(e);
    }
  }

  @Override
  public void close() {
    try (out) {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private static BullaException failure(IOException e) {
    return new BullaException(
        ErrorCode.DISK_FULL,
        "keeping a segment for S3 on the local disk: " + e.getMessage(),
        "Give the home some hundred MiB of room; nothing that was acknowledged is lost.",
        e);
  }
}
