package dev.bulla.signing.sigstore;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;

/** What a text must be: exactly this, or matched by a regular expression of RE2. */
public sealed interface TextPattern {
  /** Whether {@code text} is what is wanted. */
  boolean matches(String text);

  /** The same text, byte for byte. */
  record Exactly(String wanted) implements TextPattern {
    @Override
    public boolean matches(String text) {
      return wanted.equals(text);
    }

    @Override
    public String toString() {
      return wanted;
    }
  }

  /**
   * A regular expression that is found anywhere in the text, as cosign reads it; write {@code ^}
   * and {@code $} to mean the whole.
   */
  record Matching(Pattern pattern) implements TextPattern {
    @Override
    public boolean matches(String text) {
      return pattern.matcher(text).find();
    }

    @Override
    public String toString() {
      return "a text that matches " + pattern.pattern();
    }
  }

  static TextPattern exactly(String text) {
    return new Exactly(text);
  }

  /**
   * A regular expression that must match the whole text.
   *
   * @throws BullaException {@link ErrorCode#USAGE} if it is no regular expression of RE2
   */
  static TextPattern matchingWhole(String expression) {
    matching(expression); // so that a complaint is about what was written
    return matching("\\A(?:" + expression + ")\\z");
  }

  /**
   * @throws BullaException {@link ErrorCode#USAGE} if it is no regular expression of RE2
   */
  static TextPattern matching(String expression) {
    try {
      return new Matching(Pattern.compile(expression));
    } catch (PatternSyntaxException e) {
      throw new BullaException(
          ErrorCode.USAGE,
          "'%s' is no regular expression: %s".formatted(Shown.text(expression), e.getMessage()),
          "Write it in the syntax of RE2.",
          e);
    }
  }
}
