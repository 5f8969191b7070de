package dev.bulla.inventory.archive;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Content that can be read at any position: a range of an array or of a file. Immutable as long as
 * its owner leaves the array or file alone; not to be kept beyond the call that handed it out,
 * since buffers are used again.
 */
public sealed interface Bytes {
  /** Length in bytes. */
  long size();

  /**
   * Copies exactly {@code length} bytes from {@code position}.
   *
   * @throws EOFException if the range is not inside the content
   */
  void read(long position, byte[] target, int offset, int length) throws IOException;

  /**
   * A part of this content.
   *
   * @throws EOFException if the range is not inside the content
   */
  Bytes slice(long position, long length) throws IOException;

  static Bytes of(byte[] array, int offset, int length) {
    return new InArray(array, offset, length);
  }

  static Bytes of(byte[] array) {
    return new InArray(array, 0, array.length);
  }

  static Bytes of(FileChannel file, long size) {
    return new InFile(file, 0, size);
  }

  /** A copy of a range. */
  default byte[] copy(long position, int length) throws IOException {
    checkRange(position, length);
    byte[] copy = new byte[length];
    read(position, copy, 0, length);
    return copy;
  }

  private void checkRange(long position, long length) throws EOFException {
    if (position < 0 || length < 0 || position > size() || length > size() - position) {
      throw new EOFException("bytes %d to %d of %d".formatted(position, position + length, size()));
    }
  }

  /** A range of an array. */
  record InArray(byte[] array, int offset, int length) implements Bytes {
    @Override
    public long size() {
      return length;
    }

    @Override
    public void read(long position, byte[] target, int at, int count) throws IOException {
      ((Bytes) this).checkRange(position, count);
      System.arraycopy(array, offset + (int) position, target, at, count);
    }

    @Override
    public Bytes slice(long position, long count) throws IOException {
      ((Bytes) this).checkRange(position, count);
      return new InArray(array, offset + (int) position, (int) count);
    }
  }

  /** A range of an open file. */
  record InFile(FileChannel file, long start, long size) implements Bytes {
    @Override
    public void read(long position, byte[] target, int at, int count) throws IOException {
      ((Bytes) this).checkRange(position, count);
      ByteBuffer buffer = ByteBuffer.wrap(target, at, count);
      while (buffer.hasRemaining()) {
        long from = start + position + (buffer.position() - at);
        if (file.read(buffer, from) < 0) {
          throw new EOFException("the file ends at " + from);
        }
      }
    }

    @Override
    public Bytes slice(long position, long count) throws IOException {
      ((Bytes) this).checkRange(position, count);
      return new InFile(file, start + position, count);
    }
  }
}
