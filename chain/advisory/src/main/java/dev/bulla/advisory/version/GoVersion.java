package dev.bulla.advisory.version;

/**
 * Go module versions (go.dev/ref/mod, "Versions"): semantic versions with a {@code v};
 * pseudo-versions are pre-releases, {@code +incompatible} is build metadata. Advisories write them
 * without the {@code v}.
 *
 * <p>Versions of the toolchain and of {@code stdlib} ({@code go1.21rc2}) become semantic ones
 * ({@code 1.21.0-rc.2}).
 */
final class GoVersion {
  private GoVersion() {}

  static boolean accepts(String text) {
    return SemanticVersion.accepts(semantic(text));
  }

  static int compare(String a, String b) {
    return SemanticVersion.compare(semantic(a), semantic(b));
  }

  private static String semantic(String text) {
    boolean toolchain = text.startsWith("go");
    String bare = toolchain ? text.substring(2) : text;
    int end = bare.indexOf(' ');
    if (toolchain && end >= 0) {
      bare = bare.substring(0, end);
    }
    int letters = 0;
    while (letters < bare.length()
        && (Digits.is(bare.charAt(letters)) || bare.charAt(letters) == '.')) {
      letters++;
    }
    for (String word : new String[] {"rc", "beta"}) {
      int number = letters + word.length();
      if (letters > 0 && bare.startsWith(word, letters) && Digits.all(bare.substring(number))) {
        return bare.substring(0, letters) + "-" + word + "." + bare.substring(number);
      }
    }
    return bare;
  }
}
