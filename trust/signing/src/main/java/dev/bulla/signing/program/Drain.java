package dev.bulla.signing.program;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * Reads a stream of a process to its end and keeps what is within the limit; ends the process
 * beyond it.
 *
 * <p>Java closes the streams of a process when it ends, whoever else still writes to them, and lets
 * that wait only for a reader that holds the stream's monitor. So this one holds it from the first
 * byte to the end: then the end of the stream means that nobody has it open any more.
 */
final class Drain {
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private final Process process;
  private final InputStream stream;
  private final int limit;
  private final Thread reading;
  private final CountDownLatch begun = new CountDownLatch(1);
  private volatile boolean flooded;
  private volatile boolean inTime;

  Drain(Process process, InputStream stream, int limit) {
    this.process = process;
    this.stream = stream;
    this.limit = limit;
    this.reading = Thread.ofPlatform().daemon().unstarted(this::read);
    reading.start();
  }

  private void read() {
    synchronized (stream) {
      inTime = process.isAlive();
      begun.countDown();
      readToTheEnd();
    }
  }

  private void readToTheEnd() {
    byte[] buffer = new byte[64 * 1024];
    try {
      for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
        synchronized (kept) {
          if (kept.size() + read > limit) {
            flooded = true;
            process.destroyForcibly();
            return;
          }
          kept.write(buffer, 0, read);
        }
      }
    } catch (IOException e) {
      // closed because the run is over
    }
  }

  /** Whether more came than the limit. */
  boolean flooded() {
    return flooded;
  }

  /** Waits until reading has begun. */
  void awaitBegun() throws InterruptedException {
    begun.await();
  }

  /**
   * Whether reading began while the process was alive, so that {@link #ended} speaks of all who
   * could write, not of the process alone. To be asked after {@link #ended}.
   */
  boolean inTime() {
    return inTime;
  }

  /** Whether all was read within {@code patience}. */
  boolean ended(Duration patience) throws InterruptedException {
    return reading.join(patience) && !flooded;
  }

  byte[] bytes() {
    synchronized (kept) {
      return kept.toByteArray();
    }
  }

  /** Aside, for closing waits as long as somebody writes. */
  void close() {
    if (reading.isAlive()) {
      Thread.ofPlatform().daemon().start(this::closeNow);
    } else {
      closeNow();
    }
  }

  private void closeNow() {
    try {
      stream.close();
    } catch (IOException e) {
      // nothing more is read from it
    }
  }
}
