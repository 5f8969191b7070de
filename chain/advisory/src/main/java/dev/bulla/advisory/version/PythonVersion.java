package dev.bulla.advisory.version;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Python versions (PEP 440): {@code [N!]N(.N)*[{a|b|rc}N][.postN][.devN][+local]} with all the
 * spellings that appendix B allows. Of one release, dev comes first, then a, b, rc, the final one,
 * post; a local label sorts after the version that it extends.
 */
final class PythonVersion {
  private static final Pattern FORM =
      Pattern.compile(
          "v?(?:(?<epoch>[0-9]++)!)?(?<release>[0-9]++(?:\\.[0-9]++)*+)"
              + "(?:[-_.]?(?<pre>alpha|beta|preview|pre|a|b|c|rc)(?:[-_.]?(?<preN>[0-9]++))?)?"
              + "(?:-(?<bare>[0-9]++)|(?<post>[-_.]?(?:post|rev|r)(?:[-_.]?(?<postN>[0-9]++))?))?"
              + "(?<dev>[-_.]?dev(?:[-_.]?(?<devN>[0-9]++))?)?"
              + "(?:\\+(?<local>[a-z0-9]++(?:[-_.][a-z0-9]++)*+))?");

  /** Ranks of the pre-release: dev of a release alone, a, b, rc, none. */
  private record Key(
      String epoch,
      List<String> release,
      int phase,
      String phaseNumber,
      @Nullable String post,
      @Nullable String dev,
      @Nullable String local) {}

  private PythonVersion() {}

  static boolean accepts(String text) {
    return FORM.matcher(normal(text)).matches();
  }

  static int compare(String a, String b) {
    Key left = key(a);
    Key right = key(b);
    int difference = Digits.compare(left.epoch, right.epoch);
    for (int i = 0;
        difference == 0 && i < Math.max(left.release.size(), right.release.size());
        i++) {
      difference =
          Digits.compare(
              i < left.release.size() ? left.release.get(i) : "",
              i < right.release.size() ? right.release.get(i) : "");
    }
    if (difference == 0) {
      difference = Integer.compare(left.phase, right.phase);
    }
    if (difference == 0) {
      difference = Digits.compare(left.phaseNumber, right.phaseNumber);
    }
    if (difference == 0) {
      difference = absentFirst(left.post, right.post);
    }
    if (difference == 0) {
      difference = absentLast(left.dev, right.dev);
    }
    return difference == 0 ? compareLocal(left.local, right.local) : difference;
  }

  private static Key key(String text) {
    Matcher match = FORM.matcher(normal(text));
    if (!match.matches()) {
      throw new IllegalArgumentException("compare is called for accepted versions only");
    }
    String pre = match.group("pre");
    String bare = match.group("bare");
    String post = match.group("post") == null ? bare : orEmpty(match.group("postN"));
    String dev = match.group("dev") == null ? null : orEmpty(match.group("devN"));
    int phase = pre == null ? (post == null && dev != null ? 0 : 4) : phase(pre);
    return new Key(
        orEmpty(match.group("epoch")),
        List.of(orEmpty(match.group("release")).split("\\.", -1)),
        phase,
        orEmpty(match.group("preN")),
        post,
        dev,
        match.group("local"));
  }

  private static int phase(String word) {
    return switch (word) {
      case "a", "alpha" -> 1;
      case "b", "beta" -> 2;
      default -> 3;
    };
  }

  private static int compareLocal(@Nullable String a, @Nullable String b) {
    List<String> left = a == null ? List.of() : new ArrayList<>(List.of(a.split("[-_.]")));
    List<String> right = b == null ? List.of() : new ArrayList<>(List.of(b.split("[-_.]")));
    for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
      boolean numericA = Digits.all(left.get(i));
      boolean numericB = Digits.all(right.get(i));
      int difference;
      if (numericA && numericB) {
        difference = Digits.compare(left.get(i), right.get(i));
      } else if (numericA || numericB) {
        difference = numericA ? 1 : -1;
      } else {
        difference = left.get(i).compareTo(right.get(i));
      }
      if (difference != 0) {
        return difference;
      }
    }
    return Integer.compare(left.size(), right.size());
  }

  private static int absentFirst(@Nullable String a, @Nullable String b) {
    if (a == null || b == null) {
      return Boolean.compare(a != null, b != null);
    }
    return Digits.compare(a, b);
  }

  private static int absentLast(@Nullable String a, @Nullable String b) {
    if (a == null || b == null) {
      return Boolean.compare(a == null, b == null);
    }
    return Digits.compare(a, b);
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static String normal(String text) {
    return text.strip().toLowerCase(Locale.ROOT);
  }
}
