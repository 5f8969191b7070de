package dev.bulla.store;

import java.io.IOException;
import java.nio.channels.ReadableByteChannel;

/** Stored content, open for reading. Not thread-safe. */
public interface Blob extends AutoCloseable {

  /** Bytes. */
  long size();

  /** The bytes from {@code offset} on; the channel ends with this blob. */
  ReadableByteChannel from(long offset) throws IOException;

  /**
   * Like {@link #from(long)} for a reader who wants {@code length} bytes; the channel may end after
   * them.
   */
  default ReadableByteChannel from(long offset, long length) throws IOException {
    return from(offset);
  }

  @Override
  void close() throws IOException;
}
