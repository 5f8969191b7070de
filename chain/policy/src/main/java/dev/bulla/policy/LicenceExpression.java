package dev.bulla.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * SPDX licence expressions (SPDX 2.3 annex D), as far as a ban needs them: {@code A OR B} may be
 * taken under either, {@code A AND B} is under both, {@code A WITH exception} is A.
 *
 * <p>What packages declare is often no expression at all ("GNU Affero GPL v3"). Then the whole text
 * and each of its words are compared, and any hit bans: in doubt a licence is forbidden, not
 * allowed.
 */
final class LicenceExpression {
  private static final int MAX_TOKENS = 500;

  private final List<String> tokens;
  private final Predicate<String> banned;
  private int next;

  private LicenceExpression(List<String> tokens, Predicate<String> banned) {
    this.tokens = tokens;
    this.banned = banned;
  }

  /**
   * Whether there is no way to use what is under {@code text} without a licence that matches one of
   * {@code patterns}.
   */
  static boolean forbidden(String text, List<String> patterns) {
    Predicate<String> banned =
        licence -> patterns.stream().anyMatch(pattern -> Glob.matches(licence, pattern));
    List<String> tokens = tokens(text);
    if (tokens.isEmpty() || tokens.size() > MAX_TOKENS) {
      return banned.test(text.strip());
    }
    LicenceExpression parser = new LicenceExpression(tokens, banned);
    try {
      boolean answer = parser.either(0);
      if (parser.next == tokens.size()) {
        return answer;
      }
    } catch (Malformed e) {
      // judged word by word below
    }
    return banned.test(text.strip()) || tokens.stream().anyMatch(banned);
  }

  /** Not an expression. */
  private static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed() {
      super("not a licence expression", null, false, false);
    }
  }

  private boolean either(int depth) throws Malformed {
    boolean answer = both(depth);
    while (accept("OR")) {
      answer &= both(depth);
    }
    return answer;
  }

  private boolean both(int depth) throws Malformed {
    boolean answer = one(depth);
    while (accept("AND")) {
      answer |= one(depth);
    }
    return answer;
  }

  private boolean one(int depth) throws Malformed {
    if (depth > 50 || next >= tokens.size()) {
      throw new Malformed();
    }
    String token = tokens.get(next++);
    if (token.equals("(")) {
      boolean answer = either(depth + 1);
      if (!accept(")")) {
        throw new Malformed();
      }
      return answer;
    }
    if (token.equals(")") || isOperator(token)) {
      throw new Malformed();
    }
    if (accept("WITH")) {
      if (next >= tokens.size()) {
        throw new Malformed();
      }
      String exception = tokens.get(next++);
      return banned.test(token) || banned.test(token + " WITH " + exception);
    }
    return banned.test(token);
  }

  private boolean accept(String operator) {
    if (next < tokens.size() && tokens.get(next).toUpperCase(Locale.ROOT).equals(operator)) {
      next++;
      return true;
    }
    return false;
  }

  private static boolean isOperator(String token) {
    return List.of("AND", "OR", "WITH").contains(token.toUpperCase(Locale.ROOT));
  }

  private static List<String> tokens(String text) {
    List<String> all = new ArrayList<>();
    for (String word : text.replace("(", " ( ").replace(")", " ) ").strip().split("\\s+")) {
      if (!word.isEmpty()) {
        all.add(word);
      }
    }
    return all;
  }
}
