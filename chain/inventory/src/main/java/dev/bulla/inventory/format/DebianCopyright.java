package dev.bulla.inventory.format;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Licence names from a Debian copyright file: the short names of a machine-readable one
 * (copyright-format 1.0), else the texts in {@code /usr/share/common-licenses} that it refers to.
 */
public final class DebianCopyright {
  private static final String COMMON = "/usr/share/common-licenses/";

  private DebianCopyright() {}

  /** Debian's names in the order of their first appearance. */
  public static List<String> parse(byte[] data, int length) {
    Lines lines = new Lines(data, length);
    boolean first = true;
    boolean machineReadable = false;
    Set<String> names = new LinkedHashSet<>();
    while (lines.next()) {
      if (lines.blank()) {
        continue;
      }
      if (first) {
        machineReadable =
            (lines.isField("Format") || lines.isField("Format-Specification"))
                && lines.value().contains("copyright-format");
        first = false;
      }
      if (machineReadable) {
        if (lines.isField("License") && !lines.value().isEmpty()) {
          names.add(lines.value());
        }
      } else {
        common(lines.text(), names);
      }
    }
    return new ArrayList<>(names);
  }

  private static void common(String line, Set<String> names) {
    int at = line.indexOf(COMMON);
    while (at >= 0) {
      int from = at + COMMON.length();
      int to = from;
      while (to < line.length()
          && (Character.isLetterOrDigit(line.charAt(to)) || "-.+".indexOf(line.charAt(to)) >= 0)) {
        to++;
      }
      while (to > from && line.charAt(to - 1) == '.') {
        to--;
      }
      if (to > from) {
        names.add(line.substring(from, to));
      }
      at = line.indexOf(COMMON, to);
    }
  }
}
