package dev.bulla.server;

import dev.bulla.web.Exchange;
import dev.bulla.web.Filter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Ends a server that nobody has asked for anything in a while. Probes of health and metrics do not
 * count.
 */
final class IdleWatch implements Filter {
  private final Optional<Duration> timeout;
  private final StopSignal stop;
  private final AtomicLong lastRequest = new AtomicLong(System.nanoTime());

  IdleWatch(Optional<Duration> timeout, StopSignal stop) {
    this.timeout = timeout;
    this.stop = stop;
  }

  @Override
  public void check(Exchange exchange) {
    String path = exchange.path();
    if (!path.startsWith("/health/") && !path.equals("/metrics")) {
      touch();
    }
  }

  @Override
  public boolean mayWait(Exchange exchange) {
    return false;
  }

  /** Somebody asked for something. */
  void touch() {
    lastRequest.set(System.nanoTime());
  }

  /** How long nobody has asked for anything. */
  Duration idle() {
    return Duration.ofNanos(System.nanoTime() - lastRequest.get());
  }

  /** Starts to watch; closing the result ends the watch. */
  AutoCloseable start() {
    if (timeout.isEmpty()) {
      return () -> {};
    }
    Thread watch = Thread.ofVirtual().name("idle-watch").start(() -> watch(timeout.get()));
    return watch::interrupt;
  }

  private void watch(Duration allowed) {
    try {
      while (true) {
        long rest = allowed.minus(idle()).toNanos();
        if (rest <= 0) {
          stop.request();
          return;
        }
        Thread.sleep(Duration.ofNanos(rest));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
