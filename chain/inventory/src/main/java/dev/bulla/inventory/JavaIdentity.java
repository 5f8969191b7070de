package dev.bulla.inventory;

import dev.bulla.inventory.archive.ZipDirectory;
import dev.bulla.inventory.format.JavaManifest;
import dev.bulla.inventory.format.PomProperties;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What an archive itself is, as opposed to what it contains. */
final class JavaIdentity {
  private JavaIdentity() {}

  /**
   * The parts of a file name.
   *
   * @param stem without the ending
   * @param artifact what precedes the version
   * @param version empty if the name has none
   */
  record Name(String stem, String artifact, String version) {}

  /**
   * Coordinates that were worked out.
   *
   * @param named whether they are sure enough for a purl
   * @param method {@code classes}, {@code manifest}, {@code file-name}
   */
  record Guess(String group, String artifact, String version, boolean named, String method) {}

  /**
   * Splits {@code log4j-core-2.14.1.jar}: the version begins at the first dash that a digit
   * follows, unless {@code -api-} and another version come after it ({@code log4j-1.2-api-2.17.1}).
   */
  static Name nameOf(String fileName) {
    int dot = fileName.lastIndexOf('.');
    String stem = dot > 0 ? fileName.substring(0, dot) : fileName;
    int split = versionStart(stem, 1);
    if (split < 0) {
      return new Name(stem, stem, "");
    }
    int word = split + 1;
    while (word < stem.length() && stem.charAt(word) != '-') {
      word++;
    }
    if (word + 1 < stem.length() && stem.startsWith("-api-", word)) {
      int later = versionStart(stem, word + 1);
      split = later < 0 ? split : later;
    }
    return new Name(stem, stem.substring(0, split), stem.substring(split + 1));
  }

  private static int versionStart(String stem, int from) {
    for (int i = from; i + 1 < stem.length(); i++) {
      if ((stem.charAt(i) == '-' || stem.charAt(i) == '_')
          && Character.isDigit(stem.charAt(i + 1))) {
        return i;
      }
    }
    return -1;
  }

  /**
   * The coordinates that are the archive's own: those that fit the file name best, or the only
   * ones, unless name and manifest speak for something else.
   */
  static Optional<PomProperties> own(List<PomProperties> poms, Name name, JavaManifest manifest) {
    PomProperties best = null;
    int bestScore = 0;
    for (PomProperties pom : poms) {
      int score = score(pom, name);
      if (score > bestScore) {
        best = pom;
        bestScore = score;
      }
    }
    if (best != null) {
      return Optional.of(best);
    }
    List<PomProperties> titled = new ArrayList<>();
    for (PomProperties pom : poms) {
      if (isTitled(pom, manifest)) {
        titled.add(pom);
      }
    }
    if (titled.size() == 1) {
      return Optional.of(titled.getFirst());
    }
    boolean nameless =
        name.version().isEmpty()
            && manifest.first("Implementation-Title", "Bundle-SymbolicName").isEmpty();
    return poms.size() == 1 && nameless ? Optional.of(poms.getFirst()) : Optional.empty();
  }

  /** How well coordinates fit a file name; 0 not at all. */
  private static int score(PomProperties pom, Name name) {
    String full = pom.artifact() + "-" + pom.version();
    if (name.stem().equals(full)) {
      return 1000;
    }
    if (name.stem().startsWith(full + "-") || name.stem().endsWith("." + full)) {
      return 900;
    }
    if (name.stem().equals(pom.artifact()) || name.artifact().equals(pom.artifact())) {
      return 800;
    }
    // GROUP.ARTIFACT-VERSION and ARTIFACT_VERSION, as bundle folders have them
    return name.artifact().equals(pom.group() + "." + pom.artifact()) ? 700 : 0;
  }

  private static boolean isTitled(PomProperties pom, JavaManifest manifest) {
    String bundle = manifest.get("Bundle-SymbolicName").split(";", 2)[0].strip();
    return manifest.get("Implementation-Title").equals(pom.artifact())
        || bundle.equals(pom.group() + "." + pom.artifact())
        || bundle.equals(pom.artifact());
  }

  /** What the archive is when no coordinates in it are its own. */
  static Guess guess(
      Name name, JavaManifest manifest, ZipDirectory zip, List<KnownClasses.Match> matches) {
    for (KnownClasses.Match match : matches) {
      PomProperties known = match.coordinates();
      if (known.artifact().equals(name.artifact())) {
        return new Guess(known.group(), known.artifact(), known.version(), true, "classes");
      }
    }
    String version =
        name.version().isEmpty()
            ? manifest.first("Implementation-Version", "Bundle-Version", "Specification-Version")
            : name.version();
    version = version.indexOf(' ') > 0 ? version.substring(0, version.indexOf(' ')) : version;
    Optional<String> group =
        JavaGroups.of(name.artifact(), zip).or(() -> declaredGroup(name, manifest, zip));
    String method = name.version().isEmpty() ? "manifest" : "file-name";
    return new Guess(
        group.orElse(""),
        name.artifact(),
        version,
        group.isPresent() && !version.isEmpty(),
        method);
  }

  /** A group that the manifest names and the classes bear out. */
  private static Optional<String> declaredGroup(
      Name name, JavaManifest manifest, ZipDirectory zip) {
    List<String> candidates = new ArrayList<>();
    candidates.add(manifest.get("Implementation-Vendor-Id"));
    String bundle = manifest.get("Bundle-SymbolicName").split(";", 2)[0].strip();
    if (bundle.endsWith("." + name.artifact())) {
      candidates.add(bundle.substring(0, bundle.length() - name.artifact().length() - 1));
    }
    for (String candidate : candidates) {
      if (isGroup(candidate) && JavaGroups.hasClasses(zip, candidate.replace('.', '/') + "/")) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  private static boolean isGroup(String text) {
    if (text.indexOf('.') <= 0 || text.endsWith(".")) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!(c >= 'a' && c <= 'z'
          || c >= 'A' && c <= 'Z'
          || c >= '0' && c <= '9'
          || c == '.'
          || c == '-'
          || c == '_')) {
        return false;
      }
    }
    return true;
  }
}
