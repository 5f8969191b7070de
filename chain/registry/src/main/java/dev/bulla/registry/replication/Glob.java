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

  @Override
  public String toString() {
    return text;
  }
}
