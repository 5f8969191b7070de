package dev.bulla.access;

/**
 * Patterns with {@code *} for any characters but a slash and {@code **} for any characters.
 *
 * <p>One row of a table: which prefixes of the pattern fit what was read of the text so far. The
 * time is the product of both lengths, whatever they hold, so no text can make it explode as it can
 * a regular expression.
 */
final class Glob {
  private Glob() {}

  static boolean matches(String pattern, String text) {
    if (pattern.indexOf('*') < 0) {
      return pattern.equals(text);
    }
    boolean[] fits = new boolean[pattern.length() + 1];
    fits[0] = true;
    overEmpty(pattern, fits);
    for (int i = 0; i < text.length(); i++) {
      fits = after(pattern, fits, text.charAt(i));
    }
    return fits[pattern.length()];
  }

  private static boolean[] after(String pattern, boolean[] before, char read) {
    boolean[] fits = new boolean[before.length];
    for (int p = 0; p < pattern.length(); p++) {
      if (pattern.charAt(p) != '*') {
        fits[p + 1] |= before[p] && pattern.charAt(p) == read;
      } else if (pattern.startsWith("**", p)) {
        fits[p + 2] |= before[p] || before[p + 2];
        p++;
      } else {
        fits[p + 1] |= read != '/' && (before[p] || before[p + 1]);
      }
    }
    overEmpty(pattern, fits);
    return fits;
  }

  /** Stars may stand for nothing. */
  private static void overEmpty(String pattern, boolean[] fits) {
    for (int p = 0; p < pattern.length(); p++) {
      if (pattern.charAt(p) != '*') {
        continue;
      }
      int width = pattern.startsWith("**", p) ? 2 : 1;
      fits[p + width] |= fits[p];
      p += width - 1;
    }
  }
}
