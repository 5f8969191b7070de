package dev.bulla.graph;

import java.util.Locale;

/**
 * How far a document is believed. The levels leave room for finer ones between and above (identity
 * expected for this very subject, logged, corroborated), as the number is what is stored and
 * compared.
 */
public enum Trust {
  /**
   * A signature was there and did not hold; the document is kept and no question looks at its
   * facts.
   */
  REJECTED(-1),
  /** Nobody signed it, or nobody checked. */
  UNVERIFIED(0),
  /** A signature of a believed authority over exactly these bytes. */
  VERIFIED(2);

  private final int level;

  Trust(int level) {
    this.level = level;
  }

  int level() {
    return level;
  }

  static Trust ofLevel(int level) {
    if (level < UNVERIFIED.level) {
      return REJECTED;
    }
    return level < VERIFIED.level ? UNVERIFIED : VERIFIED;
  }

  /** {@code verified}, as shown and as written in JSON. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}
