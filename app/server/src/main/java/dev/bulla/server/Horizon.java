package dev.bulla.server;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Finds out how long an answer holds that depends on the clock, by asking the same question as of
 * later moments. What makes answers change by themselves (ages, ends of certificates, data that is
 * no longer fresh) changes them once, so that looking at the end and halving finds the moment.
 */
final class Horizon {
  private static final Duration EXACT = Duration.ofSeconds(1);

  private Horizon() {}

  /**
   * The last moment at which the answer is known to hold, if it does not hold at all of {@code
   * steps}.
   *
   * @param holds as of a moment; true at {@code from}
   * @param steps ascending distances from {@code from} at which to look
   */
  static Optional<Instant> end(Instant from, List<Duration> steps, Predicate<Instant> holds) {
    Instant good = from;
    for (Duration step : steps) {
      Instant next = from.plus(step);
      if (!holds.test(next)) {
        return Optional.of(halved(good, next, holds));
      }
      good = next;
    }
    return Optional.empty();
  }

  private static Instant halved(Instant from, Instant until, Predicate<Instant> holds) {
    Instant good = from;
    Instant bad = until;
    while (Duration.between(good, bad).compareTo(EXACT) > 0) {
      Instant middle = good.plus(Duration.between(good, bad).dividedBy(2));
      if (holds.test(middle)) {
        good = middle;
      } else {
        bad = middle;
      }
    }
    return good;
  }
}
