package dev.bulla.advisory.version;

/**
 * {@code [epoch:]upstream[-revision]} as dpkg orders it (Debian Policy 5.6.12, deb-version(7)).
 *
 * <p>Upstream version and revision are compared piece by piece: a run without digits, then a run of
 * digits, and so on. In a run without digits a tilde sorts before everything, even before the end,
 * letters before all other characters. A missing epoch is 0; a missing revision is empty, which
 * equals {@code 0}.
 */
final class DebianVersion {
  private DebianVersion() {}

  static boolean accepts(String text) {
    int colon = text.indexOf(':');
    if (colon >= 0 && !Digits.all(text.substring(0, colon))) {
      return false;
    }
    String rest = text.substring(colon + 1);
    int dash = rest.lastIndexOf('-');
    String upstream = dash < 0 ? rest : rest.substring(0, dash);
    String revision = dash < 0 ? "" : rest.substring(dash + 1);
    return !upstream.isEmpty()
        && (dash < 0 || !revision.isEmpty())
        && only(upstream, ".+~-:")
        && only(revision, ".+~");
  }

  private static boolean only(String text, String others) {
    return text.chars()
        .allMatch(c -> Digits.is((char) c) || Digits.isLetter((char) c) || others.indexOf(c) >= 0);
  }

  static int compare(String a, String b) {
    int colonA = a.indexOf(':');
    int colonB = b.indexOf(':');
    int byEpoch =
        Digits.compare(a.substring(0, Math.max(colonA, 0)), b.substring(0, Math.max(colonB, 0)));
    if (byEpoch != 0) {
      return byEpoch;
    }
    String restA = a.substring(colonA + 1);
    String restB = b.substring(colonB + 1);
    int dashA = restA.lastIndexOf('-');
    int dashB = restB.lastIndexOf('-');
    int byUpstream =
        compareParts(
            dashA < 0 ? restA : restA.substring(0, dashA),
            dashB < 0 ? restB : restB.substring(0, dashB));
    return byUpstream != 0
        ? byUpstream
        : compareParts(
            dashA < 0 ? "" : restA.substring(dashA + 1),
            dashB < 0 ? "" : restB.substring(dashB + 1));
  }

  private static int compareParts(String a, String b) {
    int i = 0;
    int j = 0;
    while (i < a.length() || j < b.length()) {
      while (isText(a, i) || isText(b, j)) {
        int difference = Integer.compare(weight(a, i), weight(b, j));
        if (difference != 0) {
          return difference;
        }
        i++;
        j++;
      }
      int endA = Digits.end(a, Math.min(i, a.length()));
      int endB = Digits.end(b, Math.min(j, b.length()));
      int difference =
          Digits.compare(
              a.substring(Math.min(i, a.length()), endA),
              b.substring(Math.min(j, b.length()), endB));
      if (difference != 0) {
        return difference;
      }
      i = endA;
      j = endB;
    }
    return 0;
  }

  private static boolean isText(String text, int at) {
    return at < text.length() && !Digits.is(text.charAt(at));
  }

  private static int weight(String text, int at) {
    if (at >= text.length() || Digits.is(text.charAt(at))) {
      return 0;
    }
    char c = text.charAt(at);
    if (c == '~') {
      return -1;
    }
    return Digits.isLetter(c) ? c : c + 256;
  }
}
