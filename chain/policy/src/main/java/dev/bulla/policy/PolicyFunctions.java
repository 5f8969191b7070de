package dev.bulla.policy;

import dev.bulla.rules.PureFunction;
import dev.bulla.rules.Shape;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;

/** The functions that rules may call beside the standard ones of CEL. */
final class PolicyFunctions {
  private static final Shape TEXTS = Shape.listOf(Shape.ANY);

  private PolicyFunctions() {}

  static List<PureFunction> all() {
    return List.of(
        new PureFunction(
            "join",
            List.of(TEXTS, Shape.TEXT),
            Shape.TEXT,
            given -> String.join(text(given, 1), texts(given.get(0)))),
        new PureFunction(
            "andMore",
            List.of(TEXTS, Shape.WHOLE, Shape.WHOLE),
            Shape.TEXT,
            given -> andMore(texts(given.get(0)), (Long) given.get(1), (Long) given.get(2))),
        new PureFunction(
            "glob",
            List.of(Shape.TEXT, Shape.TEXT),
            Shape.BOOL,
            given -> Glob.matches(text(given, 0), text(given, 1))),
        new PureFunction(
            "anyGlob",
            List.of(Shape.TEXT, TEXTS),
            Shape.BOOL,
            given ->
                texts(given.get(1)).stream().anyMatch(one -> Glob.matches(text(given, 0), one))),
        new PureFunction(
            "daysBetween",
            List.of(Shape.TEXT, Shape.TEXT),
            Shape.WHOLE,
            given -> Duration.between(time(text(given, 0)), time(text(given, 1))).toDays()),
        new PureFunction(
            "licenceForbidden",
            List.of(Shape.TEXT, TEXTS),
            Shape.BOOL,
            given -> LicenceExpression.forbidden(text(given, 0), texts(given.get(1)))));
  }

  /** The first {@code shown} of {@code all}, and how many more of {@code total} there are. */
  static String andMore(List<String> all, long shown, long total) {
    List<String> first = all.stream().limit(Math.max(1, shown)).toList();
    long more = Math.max(total, all.size()) - first.size();
    return String.join("; ", first) + (more > 0 ? "; and " + more + " more" : "");
  }

  private static String text(List<Object> given, int index) {
    return (String) given.get(index);
  }

  private static List<String> texts(Object given) {
    return ((List<?>) given)
        .stream()
            .map(one -> {
              if (one instanceof String text) {
                return text;
              }
              throw new IllegalArgumentException("a list holds something that is not a string");
            })
            .toList();
  }

  private static Instant time(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("'" + text + "' is not an RFC 3339 time", e);
    }
  }
}
