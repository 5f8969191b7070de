package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.util.regex.Pattern;

/**
 * Patterns of names: {@code *} stands for any characters but a slash, {@code **} for any. Matched
 * without a regular expression, so no pattern is slow.
 */
public final class NamePattern {
  private static final Pattern REPOSITORIES = Pattern.compile("[a-z0-9*][a-z0-9*._/-]{0,254}");
  private static final Pattern TAGS = Pattern.compile("[A-Za-z0-9_*][A-Za-z0-9_.*-]{0,127}");

  private NamePattern() {}

  /**
   * @throws BullaException {@link ErrorCode#USAGE} if it is no pattern of repositories
   */
  public static void checkRepositories(String pattern) {
    check(REPOSITORIES, pattern, "repositories", "team/* or team/**");
  }

  static void checkTags(String pattern) {
    check(TAGS, pattern, "tags", "v* or *-rc");
  }

  /** Whether a name is one of those that a pattern stands for. */
  public static boolean matches(String pattern, String name) {
    // reached[n]: the pattern up to here can stand for the first n characters of the name
    boolean[] reached = new boolean[name.length() + 1];
    reached[0] = true;
    for (int p = 0; p < pattern.length(); p++) {
      char c = pattern.charAt(p);
      boolean[] next = new boolean[name.length() + 1];
      if (c == '*') {
        boolean slashes = pattern.startsWith("**", p);
        next[0] = reached[0];
        for (int n = 1; n <= name.length(); n++) {
          next[n] = reached[n] || next[n - 1] && (slashes || name.charAt(n - 1) != '/');
        }
        p += slashes ? 1 : 0;
      } else {
        for (int n = 1; n <= name.length(); n++) {
          next[n] = reached[n - 1] && name.charAt(n - 1) == c;
        }
      }
      reached = next;
    }
    return reached[name.length()];
  }

  private static void check(Pattern form, String pattern, String what, String example) {
    if (!form.matcher(pattern).matches()) {
      throw new BullaException(
          ErrorCode.USAGE,
          "'%s' is not a pattern of %s".formatted(Shown.text(pattern), what),
          "For example " + example + ".");
    }
  }
}
