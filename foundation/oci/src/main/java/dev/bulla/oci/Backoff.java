package dev.bulla.oci;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before trying again: doubling from {@code first}, at most {@code longest}, each
 * time between half and all of it at random, so that many clients do not come back at the same
 * moment.
 *
 * @param retries how often a request is repeated after its first failure
 * @param first before the first repetition
 * @param longest one wait, a server's own Retry-After included
 */
record Backoff(int retries, Duration first, Duration longest) {
  static final Duration LONGEST = Duration.ofSeconds(60);

  Duration delay(int attempt) {
    long full = Math.min(longest.toMillis(), first.toMillis() << Math.min(attempt, 20));
    return Duration.ofMillis(
        full <= 1 ? full : ThreadLocalRandom.current().nextLong(full / 2, full + 1));
  }

  /**
   * Sleeps; an interrupt ends the wait with the flag set, and the caller's next blocking call then
   * fails.
   */
  static void pause(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
