package dev.bulla.inventory;

import dev.bulla.inventory.archive.ZipDirectory;
import dev.bulla.inventory.format.JavaManifest;
import dev.bulla.inventory.format.PomProperties;
import dev.bulla.inventory.licence.Licences;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Licences of an archive: what its own pom.xml declares, else the manifest's {@code
 * Bundle-License}.
 *
 * <p>A pom is searched for its licence names and not parsed as XML: no entities, no DTD, nothing to
 * expand.
 */
final class PomLicences {
  private static final int MAX_POM = 1024 * 1024;

  private final ZipDirectory zip;

  PomLicences(ZipDirectory zip) {
    this.zip = zip;
  }

  List<String> of(PomProperties pom, JavaManifest manifest) {
    String name = "META-INF/maven/" + pom.group() + "/" + pom.artifact() + "/pom.xml";
    for (int i = 0; i < zip.count(); i++) {
      if (zip.nameLength(i) == name.length() && zip.nameEndsWith(i, name)) {
        try {
          List<String> declared =
              declared(new String(zip.content(i, MAX_POM), StandardCharsets.UTF_8));
          if (!declared.isEmpty()) {
            return Licences.normalise(declared);
          }
        } catch (IOException e) {
          // a pom that cannot be read declares nothing
        }
      }
    }
    return Licences.normalise(bundle(manifest.get("Bundle-License")));
  }

  private static List<String> declared(String pom) {
    List<String> all = new ArrayList<>();
    int from = pom.indexOf("<licenses>");
    int to = pom.indexOf("</licenses>", Math.max(from, 0));
    while (from >= 0 && from < to && all.size() < 20) {
      int start = pom.indexOf("<license>", from);
      int end = pom.indexOf("</license>", from);
      if (start < 0 || end < start || end > to) {
        break;
      }
      String licence = pom.substring(start, end);
      String name = element(licence, "name");
      all.add(name.isEmpty() ? element(licence, "url") : name);
      from = end + 10;
    }
    all.removeIf(String::isEmpty);
    return all;
  }

  private static String element(String xml, String name) {
    int start = xml.indexOf("<" + name + ">");
    int end = xml.indexOf("</" + name + ">");
    return start < 0 || end < start
        ? ""
        : String.join(" ", xml.substring(start + name.length() + 2, end).strip().split("\\s+"));
  }

  /**
   * Clauses separated by commas, each with parameters after a semicolon (OSGi core,
   * Bundle-License).
   */
  private static List<String> bundle(String header) {
    if (header.isEmpty() || header.length() > 1000) {
      return List.of();
    }
    List<String> all = new ArrayList<>();
    for (String clause : header.split(",")) {
      String first = clause.split(";", 2)[0].strip();
      String bare =
          first.startsWith("\"") && first.endsWith("\"") && first.length() > 1
              ? first.substring(1, first.length() - 1)
              : first;
      if (!bare.isEmpty() && !bare.equals("<<EXTERNAL>>")) {
        all.add(bare);
      }
    }
    return all;
  }
}
