package dev.bulla.inventory.archive;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/**
 * Stands for a path by 61 bits, so that millions of paths cost eight bytes each.
 *
 * <p>A polynomial over the field of 2^61-1 elements at a random point: two different paths of n
 * bytes collide with a probability of at most n/2^61, whoever chose them, because the point is
 * drawn anew for every run. An image therefore cannot be crafted so that one of its paths hides
 * another. The values never leave the process. Thread-safe.
 */
public final class PathHash {
  private static final long PRIME = (1L << 61) - 1;

  private final long point;

  public PathHash() {
    this.point = (new SecureRandom().nextLong() & PRIME) % (PRIME - 1024) + 512;
  }

  /** The value of the empty path. */
  public long start() {
    return 1;
  }

  /** The value after one more byte. */
  public long add(long hash, byte next) {
    long high = Math.multiplyHigh(hash, point);
    long low = hash * point;
    long sum = (low & PRIME) + (low >>> 61 | high << 3) + (next & 0xff) + 1;
    sum = (sum & PRIME) + (sum >>> 61);
    return sum >= PRIME ? sum - PRIME : sum;
  }

  public long of(byte[] path, int from, int to) {
    long hash = start();
    for (int i = from; i < to; i++) {
      hash = add(hash, path[i]);
    }
    return hash;
  }

  public long of(String path) {
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    return of(bytes, 0, bytes.length);
  }
}
