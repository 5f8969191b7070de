package dev.bulla.signing.plugin;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A version by which plugins are compared (Semantic Versioning 2.0.0).
 *
 * @param numbers major, minor, patch
 * @param preRelease its identifiers; empty for a release, which comes after all of them
 */
public record SemanticVersion(List<String> numbers, List<String> preRelease)
    implements Comparable<SemanticVersion> {
  private static final String NUMBER = "(0|[1-9]\\d{0,18})";
  private static final String IDENTIFIERS =
      "((?:0|[1-9]\\d{0,18}|\\d*[A-Za-z-][0-9A-Za-z-]*)"
          + "(?:\\.(?:0|[1-9]\\d{0,18}|\\d*[A-Za-z-][0-9A-Za-z-]*))*)";
  private static final Pattern VERSION =
      Pattern.compile(
          NUMBER
              + "\\."
              + NUMBER
              + "\\."
              + NUMBER
              + "(?:-"
              + IDENTIFIERS
              + ")?(?:\\+[0-9A-Za-z.-]+)?");

  public SemanticVersion {
    numbers = List.copyOf(numbers);
    preRelease = List.copyOf(preRelease);
  }

  /** Empty if {@code text} is no semantic version. */
  public static Optional<SemanticVersion> parse(String text) {
    Matcher parts = VERSION.matcher(text);
    if (text.length() > 256 || !parts.matches()) {
      return Optional.empty();
    }
    @Nullable String pre = parts.group(4);
    return Optional.of(
        new SemanticVersion(
            List.of(parts.group(1), parts.group(2), parts.group(3)),
            pre == null ? List.of() : List.of(pre.split("\\."))));
  }

  @Override
  public int compareTo(SemanticVersion other) {
    int byNumbers = compare(numbers, other.numbers);
    if (byNumbers != 0 || preRelease.isEmpty() || other.preRelease.isEmpty()) {
      return byNumbers != 0
          ? byNumbers
          : Boolean.compare(preRelease.isEmpty(), other.preRelease.isEmpty());
    }
    return compare(preRelease, other.preRelease);
  }

  private static int compare(List<String> left, List<String> right) {
    for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
      int one = compare(left.get(i), right.get(i));
      if (one != 0) {
        return one;
      }
    }
    return Integer.compare(left.size(), right.size());
  }

  /** Numbers by value and before words. */
  private static int compare(String left, String right) {
    boolean leftNumber = left.chars().allMatch(Character::isDigit);
    boolean rightNumber = right.chars().allMatch(Character::isDigit);
    if (leftNumber && rightNumber) {
      return Long.compare(Long.parseLong(left), Long.parseLong(right));
    }
    return leftNumber == rightNumber ? left.compareTo(right) : leftNumber ? -1 : 1;
  }
}
