package dev.bulla.signing.imports;

import dev.bulla.core.BullaException;
import dev.bulla.signing.authority.ImagePattern;
import java.util.ArrayList;
import java.util.List;

/** Image patterns of the peers, in Bulla's words. */
final class ForeignGlob {
  private final Draft draft;
  private final String path;

  ForeignGlob(Draft draft, String path) {
    this.draft = draft;
    this.path = path;
  }

  /**
   * Of the policy-controller: {@code *} stands for anything but a slash, {@code **} for anything,
   * both also for a tag or digest at the end.
   */
  List<ImagePattern> policyController(String glob) {
    String full =
        switch (glob) {
          case "*" -> "docker.io/library/*";
          case "*/*" -> "docker.io/*/*";
          default -> qualified(glob);
        };
    return patterns(glob, withoutAnyTag(full));
  }

  /** Of Kyverno: {@code *} stands for anything at all, {@code ?} for one character. */
  List<ImagePattern> kyverno(String glob) {
    if (glob.equals("*") || glob.equals("*:*")) {
      return patterns(glob, "**");
    }
    if (glob.indexOf('?') >= 0) {
      draft.stricter(
          path, "'?' in '%s' became '*', so that the demands hold for more images".formatted(glob));
    }
    String plain = withoutAnyTag(qualified(glob.replace('?', '*')));
    int colon = plain.lastIndexOf(':');
    boolean tagged = colon > plain.lastIndexOf('/');
    String tag = tagged ? plain.substring(colon) : "";
    String name = tagged ? plain.substring(0, colon) : plain;
    StringBuilder wide = new StringBuilder();
    String[] components = name.split("/", -1);
    for (int i = 0; i < components.length; i++) {
      String one = components[i].replaceAll("\\*+", "*");
      boolean last = i == components.length - 1;
      if (one.equals("*") && i > 0) {
        one = "**";
      } else if (one.endsWith("*") && last) {
        one = one + "*";
      } else if (one.contains("*") && i > 0) {
        draft.weaker(
            path,
            "'*' inside '%s' stands for slashes too in Kyverno, and not here".formatted(glob));
      }
      wide.append(i == 0 ? "" : "/").append(one);
    }
    return patterns(glob, wide + tag);
  }

  private static String withoutAnyTag(String glob) {
    return glob.replaceFirst(":\\*\\*?$", "");
  }

  /** With the registry that the peers assume. */
  private static String qualified(String glob) {
    int slash = glob.indexOf('/');
    String first = slash < 0 ? "" : glob.substring(0, slash);
    boolean host =
        first.contains(".")
            || first.contains(":")
            || first.contains("*")
            || first.equals("localhost");
    if (glob.startsWith("**")) {
      return glob;
    }
    String full = host ? glob : "docker.io/" + (slash < 0 ? "library/" : "") + glob;
    return full.replaceFirst("^(?:index|registry-1)\\.docker\\.io/", "docker.io/");
  }

  /** {@code a/b**} is {@code a/b*} and everything below it. */
  private List<ImagePattern> patterns(String glob, String wide) {
    List<String> texts = new ArrayList<>();
    if (wide.matches(".*[^/*]\\*\\*")) {
      texts.add(wide.substring(0, wide.length() - 1));
      texts.add(wide.substring(0, wide.length() - 1) + "/**");
    } else {
      texts.add(wide);
    }
    List<ImagePattern> all = new ArrayList<>();
    for (String text : texts) {
      try {
        all.add(ImagePattern.parse(text));
      } catch (BullaException e) {
        draft.weaker(path, "the pattern '%s' cannot be said: %s".formatted(glob, e.reason()));
      }
    }
    return all;
  }
}
