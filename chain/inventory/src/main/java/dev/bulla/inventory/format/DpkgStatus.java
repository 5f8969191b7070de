package dev.bulla.inventory.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The status file of dpkg, or one file of a distroless {@code status.d} (deb822 stanzas, dpkg(5)).
 *
 * <p>A package counts when its state is anything but {@code not-installed} and {@code
 * config-files}; stanzas without a Status field are those of {@code status.d} and count.
 */
public final class DpkgStatus {
  private static final long[] NO_FILES = {};

  private DpkgStatus() {}

  /**
   * Reads the first {@code length} bytes; a stanza that lacks name or version becomes a problem,
   * not a package.
   */
  public static List<SystemPackage> parse(byte[] data, int length, List<String> problems) {
    List<SystemPackage> all = new ArrayList<>();
    Lines lines = new Lines(data, length);
    Stanza stanza = new Stanza();
    while (lines.next()) {
      if (lines.blank()) {
        stanza.finish(all, problems);
        stanza = new Stanza();
      } else {
        stanza.take(lines, problems);
      }
    }
    stanza.finish(all, problems);
    return all;
  }

  private static final class Stanza {
    private int line;
    private String name = "";
    private String version = "";
    private String architecture = "";
    private String source = "";
    private String status = "";
    private String maintainer = "";

    void take(Lines lines, List<String> problems) {
      if (line == 0) {
        line = lines.number();
      }
      switch (lines.at(0)) {
        case ' ', '\t' -> {}
        case 'P', 'p' ->
            name = lines.isField("Package") ? once("Package", name, lines, problems) : name;
        case 'V', 'v' ->
            version =
                lines.isField("Version") ? once("Version", version, lines, problems) : version;
        case 'A', 'a' ->
            architecture = lines.isField("Architecture") ? lines.value() : architecture;
        case 'M', 'm' -> maintainer = lines.isField("Maintainer") ? lines.value() : maintainer;
        case 'S', 's' -> {
          source = lines.isField("Source") ? lines.value() : source;
          status = lines.isField("Status") ? lines.value() : status;
        }
        default -> {}
      }
    }

    private static String once(String field, String before, Lines lines, List<String> problems) {
      if (!before.isEmpty()) {
        problems.add("line %d: %s appears twice in one stanza".formatted(lines.number(), field));
      }
      return lines.value();
    }

    void finish(List<SystemPackage> all, List<String> problems) {
      if (line == 0) {
        return;
      }
      String state = status.substring(status.lastIndexOf(' ') + 1);
      if (state.equals("not-installed") || state.equals("config-files")) {
        return;
      }
      if (name.isEmpty() || version.isEmpty()) {
        problems.add("line %d: a stanza without Package or Version".formatted(line));
        return;
      }
      Map<String, String> properties = new TreeMap<>();
      if (!state.isEmpty() && !state.equals("installed")) {
        properties.put("state", state);
      }
      if (!maintainer.isEmpty()) {
        properties.put("maintainer", maintainer);
      }
      String sourceName = source;
      String sourceVersion = version;
      int open = source.indexOf('(');
      if (open >= 0) {
        int close = source.indexOf(')', open);
        sourceVersion = source.substring(open + 1, close < 0 ? source.length() : close).strip();
        sourceName = source.substring(0, open).strip();
      }
      all.add(
          new SystemPackage(
              name,
              version,
              architecture,
              sourceName.isEmpty() ? name : sourceName,
              sourceVersion.isEmpty() ? version : sourceVersion,
              "",
              properties,
              NO_FILES));
    }
  }
}
