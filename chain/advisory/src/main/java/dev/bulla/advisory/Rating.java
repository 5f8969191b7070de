package dev.bulla.advisory;

import java.util.Locale;
import java.util.Optional;
import us.springett.cvss.Cvss;

/**
 * A CVSS rating that an advisory carries.
 *
 * @param method {@code CVSS_V2}, {@code CVSS_V3} or {@code CVSS_V4}
 * @param score base score with one decimal, computed from the vector: {@code 9.8}
 * @param source id of the advisory that says so
 */
public record Rating(String method, String score, String vector, String source)
    implements Comparable<Rating> {

  /** Longer texts are not vectors. */
  private static final int MAX_VECTOR = 400;

  /** Computes the base score; empty if {@code vector} is not one of that method. */
  static Optional<Rating> of(String method, String vector, String source) {
    if (!method.startsWith("CVSS_V") || vector.length() > MAX_VECTOR) {
      return Optional.empty();
    }
    try {
      Cvss cvss = Cvss.fromVector(vector);
      double score = cvss == null ? Double.NaN : cvss.calculateScore().getBaseScore();
      return score >= 0 && score <= 10
          ? Optional.of(
              new Rating(method, String.format(Locale.ROOT, "%.1f", score), vector, source))
          : Optional.empty();
    } catch (RuntimeException e) {
      // The library refuses malformed vectors with various exceptions; a bad vector rates nothing.
      return Optional.empty();
    }
  }

  /** The band of the score; version 2 knows nothing above high. */
  Level level() {
    Level level = Level.ofScore(Double.parseDouble(score));
    return method.equals("CVSS_V2") && level == Level.CRITICAL ? Level.HIGH : level;
  }

  /** Newest method first, then by source and vector. */
  @Override
  public int compareTo(Rating other) {
    int byMethod = other.method.compareTo(method);
    int bySource = byMethod != 0 ? byMethod : source.compareTo(other.source);
    return bySource != 0 ? bySource : vector.compareTo(other.vector);
  }
}
