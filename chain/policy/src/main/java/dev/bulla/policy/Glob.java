package dev.bulla.policy;

/**
 * Patterns of names: {@code *} stands for any characters, everything else for itself; upper and
 * lower case are equal.
 */
final class Glob {
  private Glob() {}

  /** Linear in text and pattern for one {@code *}, their product at worst. */
  static boolean matches(String text, String pattern) {
    int t = 0;
    int p = 0;
    int star = -1;
    int retry = 0;
    while (t < text.length()) {
      if (p < pattern.length() && pattern.charAt(p) == '*') {
        star = p++;
        retry = t;
      } else if (p < pattern.length() && same(text.charAt(t), pattern.charAt(p))) {
        t++;
        p++;
      } else if (star >= 0) {
        p = star + 1;
        t = ++retry;
      } else {
        return false;
      }
    }
    while (p < pattern.length() && pattern.charAt(p) == '*') {
      p++;
    }
    return p == pattern.length();
  }

  private static boolean same(char a, char b) {
    return Character.toLowerCase(a) == Character.toLowerCase(b);
  }
}
