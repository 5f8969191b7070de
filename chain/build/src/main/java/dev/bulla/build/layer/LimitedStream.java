package dev.bulla.build.layer;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Counts expanded bytes against two budgets: one for the whole stream, and a small one for headers,
 * which ends while a member is read. The second keeps a header that claims gigabytes of names from
 * being collected in memory. Not thread-safe.
 */
final class LimitedStream extends FilterInputStream {
  private static final int HEADER_BYTES = 1024 * 1024;

  private final long limit;
  private final String what;
  private long count;
  private long headerEnd = HEADER_BYTES;

  LimitedStream(InputStream in, long limit, String what) {
    super(in);
    this.limit = limit;
    this.what = what;
  }

  /** From here on, headers are read. */
  void startHeader() {
    headerEnd = count + HEADER_BYTES;
  }

  /** From here on, a member is read. */
  void startMember() {
    headerEnd = Long.MAX_VALUE;
  }

  @Override
  public int read() throws IOException {
    int b = in.read();
    if (b >= 0) {
      counted(1);
    }
    return b;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int n = in.read(buffer, offset, length);
    if (n > 0) {
      counted(n);
    }
    return n;
  }

  @Override
  public long skip(long n) throws IOException {
    long skipped = in.skip(n);
    counted(skipped);
    return skipped;
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  private void counted(long n) {
    count += n;
    if (count > limit) {
      throw tooLarge(what, limit);
    }
    if (count > headerEnd) {
      throw new BullaException(
          ErrorCode.ARCHIVE_INVALID,
          what + ": the header of a member is larger than " + HEADER_BYTES + " bytes");
    }
  }

  static BullaException tooLarge(String what, long limit) {
    return new BullaException(
        ErrorCode.ARCHIVE_TOO_LARGE,
        "%s: expands to more than %d bytes, which its own size does not justify"
            .formatted(what, limit),
        "Unpack it yourself and give the directory, if the content is really meant to be that"
            + " large.");
  }
}
