package dev.bulla.advisory.version;

import java.util.List;

/**
 * Semantic Versioning 2.0.0, section 11, read as forgivingly as npm does: a leading {@code v} or
 * {@code =} is dropped, missing numbers are 0, leading zeros do not matter. Further numbers after
 * the third are kept and compared, because some feeds write {@code 1.2.3.4}. Build metadata never
 * counts.
 */
final class SemanticVersion {
  private SemanticVersion() {}

  static boolean accepts(String text) {
    String bare = bare(text);
    int dash = bare.indexOf('-');
    String core = dash < 0 ? bare : bare.substring(0, dash);
    for (String number : core.split("\\.", -1)) {
      if (!Digits.all(number)) {
        return false;
      }
    }
    if (dash < 0) {
      return true;
    }
    for (String identifier : bare.substring(dash + 1).split("\\.", -1)) {
      if (identifier.isEmpty() || !identifier.chars().allMatch(SemanticVersion::mayIdentify)) {
        return false;
      }
    }
    return true;
  }

  private static boolean mayIdentify(int c) {
    return Digits.is((char) c) || Digits.isLetter((char) c) || c == '-';
  }

  static int compare(String a, String b) {
    String left = bare(a);
    String right = bare(b);
    int dashA = left.indexOf('-');
    int dashB = right.indexOf('-');
    int byNumbers =
        compareNumbers(
            List.of((dashA < 0 ? left : left.substring(0, dashA)).split("\\.", -1)),
            List.of((dashB < 0 ? right : right.substring(0, dashB)).split("\\.", -1)));
    if (byNumbers != 0) {
      return byNumbers;
    }
    if (dashA < 0 || dashB < 0) {
      return Boolean.compare(dashA < 0, dashB < 0);
    }
    return comparePreRelease(
        List.of(left.substring(dashA + 1).split("\\.", -1)),
        List.of(right.substring(dashB + 1).split("\\.", -1)));
  }

  private static String bare(String text) {
    int start = 0;
    while (start < text.length() && "v=V ".indexOf(text.charAt(start)) >= 0) {
      start++;
    }
    int plus = text.indexOf('+', start);
    return text.substring(start, plus < 0 ? text.length() : plus);
  }

  private static int compareNumbers(List<String> a, List<String> b) {
    for (int i = 0; i < Math.max(a.size(), b.size()); i++) {
      int difference = Digits.compare(i < a.size() ? a.get(i) : "", i < b.size() ? b.get(i) : "");
      if (difference != 0) {
        return difference;
      }
    }
    return 0;
  }

  private static int comparePreRelease(List<String> a, List<String> b) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      boolean numericA = Digits.all(a.get(i));
      boolean numericB = Digits.all(b.get(i));
      int difference;
      if (numericA && numericB) {
        difference = Digits.compare(a.get(i), b.get(i));
      } else if (numericA || numericB) {
        difference = numericA ? -1 : 1;
      } else {
        difference = a.get(i).compareTo(b.get(i));
      }
      if (difference != 0) {
        return difference;
      }
    }
    return Integer.compare(a.size(), b.size());
  }
}
