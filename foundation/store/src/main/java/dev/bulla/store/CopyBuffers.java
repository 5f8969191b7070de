package dev.bulla.store;

import java.util.concurrent.Semaphore;

/**
 * Memory for bodies that are being received: whoever sends nothing keeps his, so only {@value
 * #AT_ONCE} of them have much at once. Thread-safe.
 */
final class CopyBuffers {
  static final int SIZE = 64 * 1024;
  static final int LITTLE = 8 * 1024;
  static final int AT_ONCE = 256;

  private final Semaphore large = new Semaphore(AT_ONCE);

  byte[] take() {
    return new byte[large.tryAcquire() ? SIZE : LITTLE];
  }

  void give(byte[] bytes) {
    if (bytes.length == SIZE) {
      large.release();
    }
  }
}
