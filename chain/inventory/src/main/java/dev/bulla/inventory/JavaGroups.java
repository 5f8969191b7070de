package dev.bulla.inventory;

import dev.bulla.inventory.archive.ZipDirectory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Groups of well-known libraries whose archives carry no Maven coordinates; a group counts only if
 * the archive has classes in the library's package.
 */
final class JavaGroups {
  private JavaGroups() {}

  /** The group of an artifact, exact names before prefixes. */
  static Optional<String> of(String artifact, ZipDirectory zip) {
    String[] entry = Known.EXACT.get(artifact);
    for (int dash = artifact.lastIndexOf('-');
        entry == null && dash > 0;
        dash = artifact.lastIndexOf('-', dash - 1)) {
      entry = Known.PREFIXES.get(artifact.substring(0, dash + 1));
    }
    return entry != null && hasClasses(zip, entry[1]) ? Optional.of(entry[0]) : Optional.empty();
  }

  static boolean hasClasses(ZipDirectory zip, String folder) {
    for (int i = 0; i < zip.count(); i++) {
      if (zip.nameStartsWith(i, folder)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Read on first use: lines {@code ARTIFACT GROUP PACKAGE-FOLDER}, the artifact ending in {@code
   * -*} for a prefix.
   */
  private static final class Known {
    static final Map<String, String[]> EXACT = new HashMap<>();
    static final Map<String, String[]> PREFIXES = new HashMap<>();

    static {
      try (InputStream in = JavaGroups.class.getResourceAsStream("java-groups.txt")) {
        if (in == null) {
          throw new IllegalStateException("the resource java-groups.txt is not in the jar");
        }
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          String[] parts = line.split(" ");
          if (parts.length == 3 && !line.startsWith("#")) {
            boolean prefix = parts[0].endsWith("*");
            String[] entry = {parts[1], parts[2]};
            (prefix ? PREFIXES : EXACT)
                .put(prefix ? parts[0].substring(0, parts[0].length() - 1) : parts[0], entry);
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
