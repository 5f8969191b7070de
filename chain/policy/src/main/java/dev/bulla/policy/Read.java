package dev.bulla.policy;

import dev.bulla.core.json.Fields;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;

/**
 * Fields of a predicate as facts: texts bounded, times normalised, absence spelt as the empty text.
 */
final class Read {
  private static final int MAX_TEXT = 4_096;

  private Read() {}

  static String text(Fields from, String name) {
    String value = from.optionalString(name).orElse("");
    if (value.length() > MAX_TEXT) {
      throw from.invalid(
          name, "%d characters long, at most %d are read".formatted(value.length(), MAX_TEXT));
    }
    return value;
  }

  static List<String> texts(Fields from, String name, int most) {
    List<String> all = from.strings(name);
    if (all.size() > most || all.stream().anyMatch(one -> one.length() > MAX_TEXT)) {
      throw from.invalid(
          name,
          "a list of %d texts, at most %d of %d characters are read"
              .formatted(all.size(), most, MAX_TEXT));
    }
    return all;
  }

  static List<Fields> objects(Fields from, String name, int most) {
    List<Fields> all = from.objects(name);
    if (all.size() > most) {
      throw from.invalid(name, "a list of %d, at most %d are read".formatted(all.size(), most));
    }
    return all;
  }

  /** An RFC 3339 time or date as an instant; empty if the field is absent. */
  static Optional<Instant> time(Fields from, String name) {
    String value = text(from, name);
    if (value.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          value.length() == 10
              ? LocalDate.parse(value).atStartOfDay(ZoneOffset.UTC).toInstant()
              : OffsetDateTime.parse(value).toInstant());
    } catch (DateTimeParseException e) {
      throw from.invalid(name, "'" + value + "', expected an RFC 3339 time");
    }
  }

  static String shown(Optional<Instant> time) {
    return time.map(Instant::toString).orElse("");
  }

  static ArrayNode addAll(ArrayNode to, List<String> values) {
    values.forEach(to::add);
    return to;
  }
}
