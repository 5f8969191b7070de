package dev.bulla.advisory;

import java.util.Locale;
import java.util.Optional;

/** How bad a vulnerability is, worst first. */
public enum Level {
  CRITICAL,
  HIGH,
  MEDIUM,
  LOW,
  /** Nobody has said. */
  UNKNOWN;

  /** The name in statements: {@code critical}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The level with this {@link #id}, or {@code UNKNOWN} for any other text. */
  public static Level parse(String id) {
    for (Level level : values()) {
      if (level.id().equals(id)) {
        return level;
      }
    }
    return UNKNOWN;
  }

  /** The worse of two levels; {@code UNKNOWN} gives way. */
  public Level worse(Level other) {
    return compareTo(other) <= 0 ? this : other;
  }

  /**
   * What a publisher's word means: GitHub's four, Debian's urgencies, Ubuntu's priorities, Red
   * Hat's impacts; empty for words that say nothing ({@code not yet assigned}).
   */
  static Optional<Level> ofWord(String word) {
    return switch (word.toLowerCase(Locale.ROOT).replace("*", "").strip()) {
      case "critical" -> Optional.of(CRITICAL);
      case "high", "important" -> Optional.of(HIGH);
      case "medium", "moderate" -> Optional.of(MEDIUM);
      case "low", "negligible", "unimportant", "informational", "none" -> Optional.of(LOW);
      default -> Optional.empty();
    };
  }

  /** The qualitative rating of a CVSS base score (CVSS 3.1 section 5; the same bands in 4.0). */
  static Level ofScore(double score) {
    if (score >= 9.0) {
      return CRITICAL;
    }
    if (score >= 7.0) {
      return HIGH;
    }
    return score >= 4.0 ? MEDIUM : LOW;
  }
}
