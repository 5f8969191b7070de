package dev.bulla.signing.sigstore;

import java.time.Instant;
import java.util.Optional;

/**
 * When something of a trusted root may be believed; both ends belong to it.
 *
 * @param end empty if it has none yet
 */
public record Validity(Instant start, Optional<Instant> end) {
  public boolean covers(Instant time) {
    return !time.isBefore(start) && end.filter(time::isAfter).isEmpty();
  }

  @Override
  public String toString() {
    return "from " + start + end.map(time -> " to " + time).orElse("");
  }
}
