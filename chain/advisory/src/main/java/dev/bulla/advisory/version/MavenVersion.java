package dev.bulla.advisory.version;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Maven's order (maven.apache.org/pom.html, "Version Order Specification"; ComparableVersion of
 * Maven 3.9).
 *
 * <p>A version is cut at dots, hyphens and between digits and letters; the last counts as a hyphen.
 * Tokens without meaning (0, "", final, ga, release) are dropped at the end and before each hyphen.
 * The rest is compared token by token: {@code alpha < beta < milestone < rc = cr < snapshot <
 * nothing < sp < other words < -number < .number}. A word after a dot counts as after a hyphen.
 */
final class MavenVersion {
  private static final List<String> WORDS =
      List.of("alpha", "beta", "milestone", "rc", "snapshot", "", "sp");
  private static final int NOTHING = WORDS.indexOf("");
  private static final int OTHER_WORD = WORDS.size();
  private static final int HYPHEN_NUMBER = OTHER_WORD + 1;
  private static final int DOT_NUMBER = OTHER_WORD + 2;

  private record Token(int rank, String text) {
    boolean isNumber() {
      return rank >= HYPHEN_NUMBER;
    }

    boolean means() {
      return isNumber() ? !text.isEmpty() : rank != NOTHING;
    }
  }

  private MavenVersion() {}

  static boolean accepts(String text) {
    return text.chars().allMatch(c -> c > ' ' && c < 0x7f && "${}[](),;\"'<>".indexOf(c) < 0);
  }

  static int compare(String a, String b) {
    List<Token> left = tokens(a);
    List<Token> right = tokens(b);
    for (int i = 0; i < Math.max(left.size(), right.size()); i++) {
      int difference;
      if (i >= left.size()) {
        difference = -againstNothing(right.get(i));
      } else if (i >= right.size()) {
        difference = againstNothing(left.get(i));
      } else {
        difference = compare(left.get(i), right.get(i));
      }
      if (difference != 0) {
        return difference;
      }
    }
    return 0;
  }

  private static int compare(Token a, Token b) {
    if (a.rank != b.rank) {
      return Integer.compare(a.rank, b.rank);
    }
    return a.isNumber() ? Digits.compare(a.text, b.text) : a.text.compareTo(b.text);
  }

  private static int againstNothing(Token token) {
    return token.rank == DOT_NUMBER
        ? Digits.compare(token.text, "")
        : Integer.compare(token.rank, NOTHING);
  }

  private static List<Token> tokens(String version) {
    String text = version.toLowerCase(Locale.ROOT);
    List<Token> tokens = new ArrayList<>();
    boolean hyphen = false;
    int i = 0;
    while (i <= text.length()) {
      int end = tokenEnd(text, i);
      boolean directlyBeforeNumber = end < text.length() && Digits.is(text.charAt(end));
      add(tokens, token(text.substring(i, end), hyphen, directlyBeforeNumber));
      boolean separated = end < text.length() && isSeparator(text.charAt(end));
      hyphen = !separated || text.charAt(end) == '-';
      if (end == text.length()) {
        break;
      }
      i = separated ? end + 1 : end;
    }
    trim(tokens);
    return tokens;
  }

  /** Adds a token; one that starts a new part drops what means nothing before it. */
  private static void add(List<Token> tokens, Token token) {
    if (token.rank != DOT_NUMBER) {
      trim(tokens);
    }
    tokens.add(token);
  }

  private static void trim(List<Token> tokens) {
    while (tokens.size() > 1 && !tokens.getLast().means()) {
      tokens.removeLast();
    }
  }

  private static Token token(String text, boolean hyphen, boolean directlyBeforeNumber) {
    if (text.isEmpty() || Digits.is(text.charAt(0))) {
      return new Token(hyphen ? HYPHEN_NUMBER : DOT_NUMBER, Digits.withoutLeadingZeros(text));
    }
    String word =
        switch (text) {
          case "cr" -> "rc";
          case "ga", "final", "release" -> "";
          case "a" -> directlyBeforeNumber ? "alpha" : text;
          case "b" -> directlyBeforeNumber ? "beta" : text;
          case "m" -> directlyBeforeNumber ? "milestone" : text;
          default -> text;
        };
    int known = WORDS.indexOf(word);
    return known < 0 ? new Token(OTHER_WORD, word) : new Token(known, "");
  }

  private static int tokenEnd(String text, int from) {
    int i = from;
    boolean digits = i < text.length() && Digits.is(text.charAt(i));
    while (i < text.length()
        && !isSeparator(text.charAt(i))
        && Digits.is(text.charAt(i)) == digits) {
      i++;
    }
    return i;
  }

  private static boolean isSeparator(char c) {
    return c == '.' || c == '-';
  }
}
