package dev.bulla.inventory;

import dev.bulla.inventory.Finding.Found;
import dev.bulla.inventory.archive.Bytes;
import dev.bulla.inventory.archive.ZipDirectory;
import dev.bulla.inventory.format.JavaManifest;
import dev.bulla.inventory.format.PomProperties;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One Java archive, without the archives inside it: what it is itself, and the libraries that were
 * copied into it.
 *
 * @param fileName the last segment of its path
 * @param poms all Maven coordinates in it
 * @param nested archives around it, outermost first, itself last; empty for a file
 */
record JavaArchive(
    String fileName,
    Bytes content,
    ZipDirectory zip,
    List<PomProperties> poms,
    JavaManifest manifest,
    List<String> nested) {

  /** Adds the archive itself, then what is embedded in it. */
  void addTo(List<Found> found) {
    List<KnownClasses.Match> matches = KnownClasses.match(zip);
    JavaIdentity.Name name = JavaIdentity.nameOf(fileName);
    PomLicences licences = new PomLicences(zip);
    Optional<PomProperties> own = JavaIdentity.own(poms, name, manifest);
    JavaIdentity.Guess identity =
        own.map(pom ->
                new JavaIdentity.Guess(
                    pom.group(), pom.artifact(), pom.version(), true, "pom.properties"))
            .orElseGet(() -> JavaIdentity.guess(name, manifest, zip, matches));
    PomProperties self =
        new PomProperties(identity.group(), identity.artifact(), identity.version());
    Map<String, String> properties = new TreeMap<>();
    properties.put("method", identity.method());
    if (!packaging().isEmpty()) {
      properties.put("packaging", packaging());
    }
    found.add(maven(self, identity.named(), licences.of(self, manifest), hashes(), properties));
    String container =
        self.group().isEmpty()
            ? fileName
            : self.group() + ":" + self.artifact() + "@" + self.version();
    for (PomProperties other : poms) {
      if (!other.equals(self)) {
        found.add(
            maven(
                other,
                true,
                licences.of(other, JavaManifest.none()),
                Map.of(),
                Map.of("method", "pom.properties", "embeddedIn", container)));
      }
    }
    for (KnownClasses.Match match : matches) {
      if (!isDeclared(match, self)) {
        found.add(
            maven(
                match.coordinates(),
                true,
                List.of(),
                Map.of(),
                Map.of(
                    "method",
                    "classes",
                    "embeddedIn",
                    container,
                    "coverage",
                    match.coverage() + "%")));
      }
    }
  }

  /**
   * Whether coordinates in the archive say the same as the classes. Of another version of the same
   * library they do unless every class is that of the known release: the next version may share
   * most of them, but coordinates can also lie.
   */
  private boolean isDeclared(KnownClasses.Match match, PomProperties self) {
    PomProperties known = match.coordinates();
    if (known.equals(self) || poms.contains(known)) {
      return true;
    }
    boolean sameLibrary =
        sameArtifact(self, known) || poms.stream().anyMatch(other -> sameArtifact(other, known));
    return sameLibrary && match.coverage() < 100;
  }

  private static boolean sameArtifact(PomProperties a, PomProperties b) {
    return a.group().equals(b.group()) && a.artifact().equals(b.artifact());
  }

  private Found maven(
      PomProperties pom,
      boolean named,
      List<String> licences,
      Map<String, String> hashes,
      Map<String, String> properties) {
    return new Found(
        "maven",
        pom.group(),
        pom.artifact(),
        pom.version(),
        named,
        nested,
        licences,
        hashes,
        Map.copyOf(properties));
  }

  private String packaging() {
    String ending = fileName.substring(fileName.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return ending.equals("jar") || ending.length() == fileName.length() ? "" : ending;
  }

  private Map<String, String> hashes() {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      if (content instanceof Bytes.InArray(byte[] array, int offset, int length)) {
        sha1.update(array, offset, length);
        sha256.update(array, offset, length);
      } else {
        byte[] part = new byte[256 * 1024];
        for (long at = 0; at < content.size(); at += part.length) {
          int n = (int) Math.min(part.length, content.size() - at);
          content.read(at, part, 0, n);
          sha1.update(part, 0, n);
          sha256.update(part, 0, n);
        }
      }
      HexFormat hex = HexFormat.of();
      return Map.of(
          "SHA-1", hex.formatHex(sha1.digest()), "SHA-256", hex.formatHex(sha256.digest()));
    } catch (NoSuchAlgorithmException | IOException e) {
      return Map.of();
    }
  }
}
