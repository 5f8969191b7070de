package dev.bulla.access;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Holds back who guesses secrets: after {@value #ALLOWED} wrong ones from one place within a
 * minute, all from there are refused until the minute is over. Remembers {@value #PLACES} places.
 * Thread-safe.
 */
final class Attempts {
  private static final int ALLOWED = 20;
  private static final int PLACES = 10_000;
  private static final Duration WINDOW = Duration.ofMinutes(1);

  private record Count(Instant since, int wrong) {}

  private final InstantSource clock;
  private final Map<String, Count> places =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Count> eldest) {
          return size() > PLACES;
        }
      };

  Attempts(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * @throws BullaException {@link ErrorCode#RATE_LIMITED}
   */
  synchronized void check(String place) {
    Count count = places.get(place);
    if (count != null && count.wrong >= ALLOWED && isCurrent(count)) {
      throw new BullaException(
          ErrorCode.RATE_LIMITED,
          "%d wrong credentials from %s within a minute".formatted(count.wrong, place),
          "Wait a minute, and send the right credential.");
    }
  }

  synchronized void wrong(String place) {
    Count count = places.get(place);
    places.remove(place); // so that the newest is the last to be forgotten
    places.put(
        place,
        count != null && isCurrent(count)
            ? new Count(count.since, count.wrong + 1)
            : new Count(clock.instant(), 1));
  }

  private boolean isCurrent(Count count) {
    Instant now = clock.instant();
    return !now.isBefore(count.since) && now.isBefore(count.since.plus(WINDOW));
  }
}
