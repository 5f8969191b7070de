package dev.bulla.advisory;

import dev.bulla.core.Digest;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;

/**
 * Which advisories a report was made with.
 *
 * @param name from the set's own manifest; empty if it has none
 * @param digest over the digests of all records
 * @param newestModified the latest {@code modified} of a record: what the set knows ends about here
 * @param date that the set declares of itself; a demonstration set is judged as of this day
 * @param demonstration the set is a small excerpt that must never be taken for complete
 */
public record SetIdentity(
    String name,
    Digest digest,
    int records,
    Instant newestModified,
    Optional<LocalDate> date,
    boolean demonstration) {

  /** {@code demonstration set, 57 records} or {@code Debian security, 2838 records}. */
  public String description() {
    String label = demonstration ? "demonstration set" : name.isEmpty() ? "advisory set" : name;
    return "%s, %d record%s".formatted(label, records, records == 1 ? "" : "s");
  }
}
