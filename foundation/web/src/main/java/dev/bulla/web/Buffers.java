package dev.bulla.web;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Direct buffers of {@value #SIZE} bytes that are used again; at most {@value #KEPT} are kept, so
 * that a burst of downloads does not stay in memory. Thread-safe.
 */
final class Buffers {
  static final int SIZE = 256 * 1024;
  private static final int KEPT = 16;

  private final ArrayBlockingQueue<ByteBuffer> kept = new ArrayBlockingQueue<>(KEPT);

  ByteBuffer take() {
    ByteBuffer buffer = kept.poll();
    return buffer == null ? ByteBuffer.allocateDirect(SIZE) : buffer;
  }

  void give(ByteBuffer buffer) {
    kept.offer(buffer);
  }
}
