package dev.bulla.web;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;

/**
 * Buffers for answers that run, the first of them large and direct. Whoever does not read his
 * answer keeps a buffer, and one connection can ask for many answers: so only {@value #LARGE} are
 * out at once, then {@value #MEDIUM} on the heap, and who comes after them gets little ones. Direct
 * memory that is used up would stop everybody. At most {@value #KEPT} are kept. Thread-safe.
 */
final class Buffers {
  static final int SIZE = 256 * 1024;
  static final int LARGE = 64;
  static final int MEDIUM = 2048;
  private static final int MEDIUM_SIZE = 16 * 1024;
  private static final int LITTLE_SIZE = 4 * 1024;
  private static final int KEPT = 16;

  private final ArrayBlockingQueue<ByteBuffer> kept = new ArrayBlockingQueue<>(KEPT);
  private final Semaphore large = new Semaphore(LARGE);
  private final Semaphore medium = new Semaphore(MEDIUM);

  ByteBuffer take() {
    if (large.tryAcquire()) {
      ByteBuffer buffer = kept.poll();
      return buffer == null ? ByteBuffer.allocateDirect(SIZE) : buffer;
    }
    return ByteBuffer.allocate(medium.tryAcquire() ? MEDIUM_SIZE : LITTLE_SIZE);
  }

  void give(ByteBuffer buffer) {
    if (buffer.isDirect()) {
      kept.offer(buffer);
      large.release();
    } else if (buffer.capacity() == MEDIUM_SIZE) {
      medium.release();
    }
  }
}
