package dev.bulla.store;

import java.time.Duration;

/**
 * How long S3 is waited for.
 *
 * @param connect until a connection is there
 * @param answer without a byte of an answer; copies of large content take long
 * @param attempts of one request, the first included
 * @param pause before the second attempt; it doubles from one to the next
 */
record S3Patience(Duration connect, Duration answer, int attempts, Duration pause) {
  static final S3Patience USUAL =
      new S3Patience(Duration.ofSeconds(5), Duration.ofSeconds(60), 4, Duration.ofMillis(100));
}
