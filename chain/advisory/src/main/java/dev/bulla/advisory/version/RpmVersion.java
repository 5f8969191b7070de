package dev.bulla.advisory.version;

/**
 * {@code [epoch:]version[-release]} as rpm orders it (rpm-version(7)).
 *
 * <p>Version and release are cut into runs of digits and runs of letters; anything else separates.
 * A run of digits is newer than a run of letters. A tilde sorts before the end of the text, a caret
 * after the end but before any further run. A missing epoch is 0. A missing release sorts before
 * any release; see {@link #atPrecisionOf} for bounds that name none.
 */
final class RpmVersion {
  private RpmVersion() {}

  static boolean accepts(String text) {
    boolean meaningful = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean counts = Digits.is(c) || Digits.isLetter(c);
      if (!counts && "._+-~^:%{}@=/".indexOf(c) < 0) {
        return false;
      }
      meaningful |= counts;
    }
    return meaningful;
  }

  static int compare(String a, String b) {
    int colonA = epochEnd(a);
    int colonB = epochEnd(b);
    int byEpoch =
        Digits.compare(a.substring(0, Math.max(colonA, 0)), b.substring(0, Math.max(colonB, 0)));
    if (byEpoch != 0) {
      return byEpoch;
    }
    String restA = a.substring(colonA + 1);
    String restB = b.substring(colonB + 1);
    int dashA = restA.lastIndexOf('-');
    int dashB = restB.lastIndexOf('-');
    int byVersion =
        compareSegments(
            dashA < 0 ? restA : restA.substring(0, dashA),
            dashB < 0 ? restB : restB.substring(0, dashB));
    if (byVersion != 0) {
      return byVersion;
    }
    if (dashA < 0 || dashB < 0) {
      return Integer.compare(Math.min(dashA, 0), Math.min(dashB, 0));
    }
    return compareSegments(restA.substring(dashA + 1), restB.substring(dashB + 1));
  }

  /**
   * {@code version} without its release if {@code bound} names no release either, as rpm compares
   * dependencies.
   */
  static String atPrecisionOf(String bound, String version) {
    int dash = version.lastIndexOf('-');
    return bound.lastIndexOf('-') < 0 && dash > 0 ? version.substring(0, dash) : version;
  }

  private static int epochEnd(String text) {
    int end = Digits.end(text, 0);
    return end > 0 && end < text.length() && text.charAt(end) == ':' ? end : -1;
  }

  private static int compareSegments(String a, String b) {
    int i = 0;
    int j = 0;
    while (true) {
      i = skipSeparators(a, i);
      j = skipSeparators(b, j);
      char left = i < a.length() ? a.charAt(i) : 0;
      char right = j < b.length() ? b.charAt(j) : 0;
      int difference = Integer.compare(rank(left), rank(right));
      if (difference != 0 || left == 0) {
        return difference;
      }
      if (left == '~' || left == '^') {
        i++;
        j++;
        continue;
      }
      int endA = runEnd(a, i);
      int endB = runEnd(b, j);
      String runA = a.substring(i, endA);
      String runB = b.substring(j, endB);
      difference = Digits.is(left) ? Digits.compare(runA, runB) : runA.compareTo(runB);
      if (difference != 0) {
        return difference;
      }
      i = endA;
      j = endB;
    }
  }

  /** Tilde, end, caret, letters, digits: from oldest to newest. */
  private static int rank(char c) {
    if (c == '~') {
      return 0;
    }
    if (c == 0) {
      return 1;
    }
    if (c == '^') {
      return 2;
    }
    return Digits.is(c) ? 4 : 3;
  }

  private static int skipSeparators(String text, int from) {
    int i = from;
    while (i < text.length() && !counts(text.charAt(i))) {
      i++;
    }
    return i;
  }

  private static boolean counts(char c) {
    return Digits.is(c) || Digits.isLetter(c) || c == '~' || c == '^';
  }

  private static int runEnd(String text, int from) {
    if (Digits.is(text.charAt(from))) {
      return Digits.end(text, from);
    }
    int i = from;
    while (i < text.length() && Digits.isLetter(text.charAt(i))) {
      i++;
    }
    return i;
  }
}
