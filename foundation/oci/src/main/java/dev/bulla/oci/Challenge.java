package dev.bulla.oci;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One authentication challenge of a 401 answer (RFC 9110 section 11.6.1).
 *
 * @param scheme lower case: {@code basic}, {@code bearer}
 * @param parameters names in lower case
 */
record Challenge(String scheme, Map<String, String> parameters) {

  Challenge {
    parameters = Map.copyOf(parameters);
  }

  Optional<String> parameter(String name) {
    return Optional.ofNullable(parameters.get(name)).filter(value -> !value.isEmpty());
  }

  /** The challenge to answer: Bearer before Basic; empty if there is neither. */
  static Optional<Challenge> choose(List<String> headers) {
    List<Challenge> all = new ArrayList<>();
    headers.forEach(header -> all.addAll(parse(header)));
    return first(all, "bearer").or(() -> first(all, "basic"));
  }

  private static Optional<Challenge> first(List<Challenge> all, String scheme) {
    return all.stream().filter(one -> one.scheme.equals(scheme)).findFirst();
  }

  /** Reads a header value; what cannot be understood ends the list. */
  static List<Challenge> parse(String header) {
    List<Challenge> all = new ArrayList<>();
    Scanner scanner = new Scanner(header);
    String scheme = "";
    Map<String, String> parameters = new LinkedHashMap<>();
    while (scanner.more()) {
      String word = scanner.token();
      if (word.isEmpty()) {
        break;
      }
      if (scanner.skip('=')) {
        parameters.put(word.toLowerCase(Locale.ROOT), scanner.value());
      } else {
        if (!scheme.isEmpty()) {
          all.add(new Challenge(scheme, parameters));
        }
        scheme = word.toLowerCase(Locale.ROOT);
        parameters = new LinkedHashMap<>();
      }
    }
    if (!scheme.isEmpty()) {
      all.add(new Challenge(scheme, parameters));
    }
    return all;
  }

  /** A position in a header value. */
  private static final class Scanner {
    private final String text;
    private int at;

    Scanner(String text) {
      this.text = text;
    }

    /** Skips blanks and commas; whether something follows. */
    boolean more() {
      while (at < text.length() && " \t,".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
      return at < text.length();
    }

    boolean skip(char c) {
      int next = at;
      while (next < text.length() && text.charAt(next) == ' ') {
        next++;
      }
      if (next < text.length() && text.charAt(next) == c) {
        at = next + 1;
        return true;
      }
      return false;
    }

    String token() {
      int start = at;
      while (at < text.length() && " \t,=\"".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      return text.substring(start, at);
    }

    String value() {
      while (at < text.length() && text.charAt(at) == ' ') {
        at++;
      }
      if (at >= text.length() || text.charAt(at) != '"') {
        int start = at;
        while (at < text.length() && " \t,".indexOf(text.charAt(at)) < 0) {
          at++;
        }
        return text.substring(start, at);
      }
      StringBuilder value = new StringBuilder();
      for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
        if (text.charAt(at) == '\\' && at + 1 < text.length()) {
          at++;
        }
        value.append(text.charAt(at));
      }
      at++;
      return value.toString();
    }
  }
}
