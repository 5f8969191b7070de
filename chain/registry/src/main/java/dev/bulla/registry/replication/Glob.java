package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.util.regex.Pattern;

/**
 * Some repositories: {@code *} stands for any characters but a slash, {@code **} for any
 * characters.
 */
public record Glob(String text) {
  private static final Pattern GRAMMAR = Pattern.compile("[a-z0-9*][a-z0-9*._/-]{0,254}");

  public Glob {
    if (!GRAMMAR.matcher(text).matches()) {
      throw new BullaException(
          ErrorCode.USAGE,
          "'%s' is not a pattern of repositories".formatted(Shown.text(text)),
          "Write repositories without host, for example 'team/*' or 'team/**'.");
    }
  }

  /** Whether it names one repository. */
  public boolean isName() {
    return text.indexOf('*') < 0;
  }

  public boolean matches(String repository) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (text.startsWith("**", i)) {
        regex.append(".*");
        i++;
      } else {
        regex.append(text.charAt(i) == '*' ? "[^/]*" : Pattern.quote(text.substring(i, i + 1)));
      }
    }
    return repository.matches(regex.toString());
  }

  /** Whether a name could match both. */
  public boolean overlaps(Glob other) {
    // which ends of the other pattern can be met, for each end of this one, from behind
    boolean[] meets = new boolean[other.text.length() + 1];
    for (int i = text.length(); i >= 0; i--) {
      boolean[] before = meets;
      meets = new boolean[other.text.length() + 1];
      for (int j = other.text.length(); j >= 0; j--) {
        meets[j] = meets(other, i, j, before, meets);
      }
    }
    return meets[0];
  }

  /**
   * @param next what can be met one character further in this pattern
   * @param now what can be met from here, for later ends of the other
   */
  private boolean meets(Glob other, int i, int j, boolean[] next, boolean[] now) {
    boolean end = i == text.length();
    boolean otherEnd = j == other.text.length();
    if (end && otherEnd) {
      return true;
    }
    char one = end ? 0 : text.charAt(i);
    char two = otherEnd ? 0 : other.text.charAt(j);
    // a star is nothing, or takes a character of the other; of '**' the first takes slashes too
    return one == '*' && (next[j] || !otherEnd && (two != '/' || isDouble(i)) && now[j + 1])
        || two == '*' && (now[j + 1] || !end && (one != '/' || other.isDouble(j)) && next[j])
        || one != 0 && one == two && next[j + 1];
  }

  /** Whether the star at this place is the first of two. */
  private boolean isDouble(int at) {
    return text.startsWith("**", at);
  }

  @Override
  public String toString() {
    return text;
  }
}
