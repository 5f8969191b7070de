package dev.bulla.oci;

import java.io.IOException;
import java.io.OutputStream;

/**
 * The bytes that go with a request: a part of a source, the same each time it is written.
 *
 * @param last whether the part ends the source
 */
record Body(Cursor source, long offset, long length, boolean last) {
  private static final int PIECE = 128 * 1024;

  static Body of(byte[] bytes) {
    return new Body(new Cursor(BlobSource.of(bytes)), 0, bytes.length, true);
  }

  void writeTo(OutputStream out) throws IOException {
    byte[] buffer = new byte[(int) Math.min(PIECE, Math.max(length, 1))];
    source.seek(offset);
    long left = length;
    while (left > 0) {
      int n = next(buffer, left);
      out.write(buffer, 0, n);
      left -= n;
    }
    if (length == 0 && last) {
      source.finish();
    }
  }

  /**
   * The next piece of the {@code left} bytes that are still to come. The last one is handed out
   * only after the source has agreed that it was the last.
   */
  int next(byte[] buffer, long left) throws IOException {
    int n = source.read(buffer, (int) Math.min(buffer.length, left));
    if (n == 0) {
      throw new IOException("the source ended " + left + " bytes early");
    }
    if (n == left && last) {
      source.finish();
    }
    return n;
  }
}
