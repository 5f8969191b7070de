package dev.bulla.advisory;

import dev.bulla.advisory.version.VersionOrder;

/** A comparison with a version: {@code >=2.0}. */
record VersionConstraint(Comparison comparison, String version) {
  /** In the order in which a text is searched for them. */
  enum Comparison {
    NOT_EQUAL("!="),
    AT_MOST("<="),
    AT_LEAST(">="),
    LESS("<"),
    MORE(">"),
    EQUAL("=");

    private final String sign;

    Comparison(String sign) {
      this.sign = sign;
    }
  }

  /** Reads {@code >=2.0}; a version without sign must be equal. */
  static VersionConstraint parse(String text) {
    String trimmed = text.strip();
    for (Comparison comparison : Comparison.values()) {
      if (trimmed.startsWith(comparison.sign)) {
        return new VersionConstraint(
            comparison, trimmed.substring(comparison.sign.length()).strip());
      }
    }
    return new VersionConstraint(Comparison.EQUAL, trimmed);
  }

  boolean allows(String other, VersionOrder order) {
    int difference = order.compare(other, version);
    return switch (comparison) {
      case NOT_EQUAL -> difference != 0;
      case AT_MOST -> difference <= 0;
      case AT_LEAST -> difference >= 0;
      case LESS -> difference < 0;
      case MORE -> difference > 0;
      case EQUAL -> difference == 0;
    };
  }

  boolean isUpperBound() {
    return comparison == Comparison.LESS || comparison == Comparison.AT_MOST;
  }

  boolean isLowerBound() {
    return comparison == Comparison.MORE || comparison == Comparison.AT_LEAST;
  }
}
