package dev.bulla.policy;

import java.util.Locale;
import java.util.Optional;

/** How bad a vulnerability is, worst first. */
enum Level {
  CRITICAL,
  HIGH,
  MEDIUM,
  LOW,
  UNKNOWN;

  String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * From the words and the scores that scanners write; empty if the text says nothing of the kind.
   */
  static Optional<Level> parse(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "critical" -> Optional.of(CRITICAL);
      case "high", "important" -> Optional.of(HIGH);
      case "medium", "moderate" -> Optional.of(MEDIUM);
      case "low", "negligible", "none" -> Optional.of(LOW);
      case "unknown" -> Optional.of(UNKNOWN);
      default -> ofScore(text);
    };
  }

  /** CVSS "Qualitative Severity Rating Scale". */
  private static Optional<Level> ofScore(String text) {
    if (!text.matches("[0-9]{1,2}(\\.[0-9]{1,2})?")) {
      return Optional.empty();
    }
    double score = Double.parseDouble(text);
    return Optional.of(score >= 9 ? CRITICAL : score >= 7 ? HIGH : score >= 4 ? MEDIUM : LOW);
  }
}
