package dev.bulla.signing.program;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** Reads a stream to its end and keeps what is within the limit; ends the process beyond it. */
final class Drain {
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private final Process process;
  private final InputStream stream;
  private final int limit;
  private final Thread reading;
  private volatile boolean flooded;

  Drain(Process process, InputStream stream, int limit) {
    this.process = process;
    this.stream = stream;
    this.limit = limit;
    this.reading = Thread.ofPlatform().daemon().unstarted(this::read);
    reading.start();
  }

  private void read() {
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
