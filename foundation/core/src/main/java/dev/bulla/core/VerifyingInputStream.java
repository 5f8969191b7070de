package dev.bulla.core;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/**
 * Hands on the bytes of a stream and, at its end, insists that they were exactly those of a
 * descriptor.
 *
 * <p>The caller must read to the end: only the read that would return end-of-stream tells whether
 * the content was right. More bytes than the descriptor's size fail at once, before they are handed
 * on. Not thread-safe.
 */
public final class VerifyingInputStream extends FilterInputStream {
  private final Digest expected;
  private final long size;
  private final String what;
  private final MessageDigest hash;
  private long count;
  private boolean verified;

  /**
   * @param size the exact number of bytes
   * @param what names the content in errors
   */
  public VerifyingInputStream(InputStream in, Digest expected, long size, String what) {
    super(in);
    this.expected = expected;
    this.size = size;
    this.what = what;
    this.hash = expected.algorithm().newHash();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    int n = read(one, 0, 1);
    return n < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int n = in.read(buffer, offset, length);
    if (n < 0) {
      finish();
      return -1;
    }
    count += n;
    if (count > size) {
      throw wrongSize("more than " + size);
    }
    hash.update(buffer, offset, n);
    return n;
  }

  @Override
  public long skip(long n) throws IOException {
    return readNBytes((int) Math.min(n, 64 * 1024)).length;
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  /** Whether the end was reached and the content was right. */
  public boolean verified() {
    return verified;
  }

  /**
   * Whether this stream insists on exactly this digest and size, so that nobody need hash its bytes
   * again.
   */
  public boolean verifies(Digest digest, long bytes) {
    return expected.equals(digest) && size == bytes;
  }

  private void finish() {
    if (verified) {
      return;
    }
    if (count != size) {
      throw wrongSize(Long.toString(count));
    }
    Digest found = Digest.ofHash(expected.algorithm(), hash.digest());
    if (!found.equals(expected)) {
      throw expected.mismatch(what, found);
    }
    verified = true;
  }

  private BullaException wrongSize(String found) {
    return new BullaException(
        ErrorCode.SIZE_MISMATCH,
        "%s: found %s bytes, expected %d".formatted(what, found, size),
        "The content was cut or changed on its way; fetch it again.");
  }
}
