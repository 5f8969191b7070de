package dev.bulla.server;

import java.time.Duration;
import java.util.Optional;

/**
 * The end of one part of a server, on a thread of its own: whatever it waits for, a peer, a
 * database or a disk that does not answer, it does not hold up the others for ever. Thread-safe.
 */
final class Closing {
  /** So long one part may take; what takes longer is left behind, and said. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final AutoCloseable part;
  private Optional<Thread> thread = Optional.empty();

  Closing(AutoCloseable part) {
    this.part = part;
  }

  /** Begins, and does not wait. */
  synchronized Thread begin() {
    Thread running =
        thread.orElseGet(() -> Thread.ofPlatform().daemon().name("closing").start(this::run));
    thread = Optional.of(running);
    return running;
  }

  /** Begins if nobody has, and waits. */
  void end() {
    try {
      if (!begin().join(PATIENCE)) {
        log()
            .log(
                System.Logger.Level.WARNING,
                "%s has not ended after %d s".formatted(part, PATIENCE.toSeconds()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      part.close();
    } catch (Exception | LinkageError e) { // the program may have been replaced meanwhile
      log().log(System.Logger.Level.WARNING, "while stopping", e);
    }
  }

  private static System.Logger log() {
    return System.getLogger("bulla.server");
  }
}
