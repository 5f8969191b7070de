package dev.bulla.advisory.version;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code number(.number)*[letter][_suffix[n]]*[~hash][-rN]} as apk-tools orders it (apk-package(5),
 * "pkgver").
 *
 * <p>Numbers after the first that begin with 0 compare as text. Suffixes sort alpha, beta, pre, rc,
 * none, cvs, svn, git, hg, p. A letter may be followed by numbers, as old packages have it ({@code
 * 6.6.2p1}). A missing {@code -rN} is 0. Commit hashes have no order.
 */
final class AlpineVersion {
  private static final List<String> SUFFIXES =
      List.of("alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p");
  private static final int NO_SUFFIX = SUFFIXES.indexOf("");

  private enum Kind {
    END,
    SUFFIX,
    LETTER,
    NUMBER
  }

  private record Part(Kind kind, int rank, String digits) {}

  private record Parsed(List<Part> parts, String release) {}

  private AlpineVersion() {}

  static boolean accepts(String text) {
    return parse(text) != null;
  }

  static int compare(String a, String b) {
    Parsed left = parse(a);
    Parsed right = parse(b);
    if (left == null || right == null) {
      throw new IllegalArgumentException("compare is called for accepted versions only");
    }
    Part end = new Part(Kind.END, NO_SUFFIX, "");
    for (int i = 0; i < Math.max(left.parts.size(), right.parts.size()); i++) {
      int difference =
          compare(
              i < left.parts.size() ? left.parts.get(i) : end,
              i < right.parts.size() ? right.parts.get(i) : end,
              i);
      if (difference != 0) {
        return difference;
      }
    }
    return Digits.compare(left.release, right.release);
  }

  private static int compare(Part a, Part b, int position) {
    boolean preA = isPreRelease(a);
    boolean preB = isPreRelease(b);
    if (preA != preB) {
      return preA ? -1 : 1;
    }
    if (a.kind != b.kind) {
      return a.kind.compareTo(b.kind);
    }
    if (a.rank != b.rank) {
      return Integer.compare(a.rank, b.rank);
    }
    boolean asText =
        a.kind == Kind.NUMBER
            && position > 0
            && (a.digits.startsWith("0") || b.digits.startsWith("0"));
    return asText ? a.digits.compareTo(b.digits) : Digits.compare(a.digits, b.digits);
  }

  private static boolean isPreRelease(Part part) {
    return part.kind == Kind.SUFFIX && part.rank < NO_SUFFIX;
  }

  private static @Nullable Parsed parse(String text) {
    List<Part> parts = new ArrayList<>();
    int i = numbers(text, 0, parts);
    if (i <= 0) {
      return null;
    }
    if (i < text.length() && text.charAt(i) >= 'a' && text.charAt(i) <= 'z') {
      parts.add(new Part(Kind.LETTER, text.charAt(i), ""));
      i++;
      int after = numbers(text, i, parts);
      i = after < 0 ? i : after;
    }
    while (i < text.length() && text.charAt(i) == '_') {
      int start = i + 1;
      int endOfWord = start;
      while (endOfWord < text.length() && Digits.isLetter(text.charAt(endOfWord))) {
        endOfWord++;
      }
      int rank = SUFFIXES.indexOf(text.substring(start, endOfWord));
      if (rank < 0 || rank == NO_SUFFIX) {
        return null;
      }
      i = Digits.end(text, endOfWord);
      parts.add(new Part(Kind.SUFFIX, rank, text.substring(endOfWord, i)));
    }
    return tail(text, i, parts);
  }

  private static @Nullable Parsed tail(String text, int from, List<Part> parts) {
    int i = from;
    if (i < text.length() && text.charAt(i) == '~') {
      i++;
      while (i < text.length() && "0123456789abcdef".indexOf(text.charAt(i)) >= 0) {
        i++;
      }
    }
    String release = "";
    if (text.startsWith("-r", i)) {
      int end = Digits.end(text, i + 2);
      release = text.substring(i + 2, end);
      i = end;
    }
    return i == text.length() ? new Parsed(parts, release) : null;
  }

  /** Reads {@code number(.number)*}; returns the index after it or -1. */
  private static int numbers(String text, int from, List<Part> parts) {
    int i = Digits.end(text, from);
    if (i == from) {
      return -1;
    }
    parts.add(new Part(Kind.NUMBER, 0, text.substring(from, i)));
    while (i + 1 < text.length() && text.charAt(i) == '.' && Digits.is(text.charAt(i + 1))) {
      int end = Digits.end(text, i + 1);
      parts.add(new Part(Kind.NUMBER, 0, text.substring(i + 1, end)));
      i = end;
    }
    return i;
  }
}
