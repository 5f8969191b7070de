package dev.bulla.inventory.format;

import dev.bulla.inventory.archive.PathHash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The database of installed packages of apk-tools 2: one-letter fields, stanzas separated by blank
 * lines.
 */
public final class ApkInstalled {
  private ApkInstalled() {}

  /** Reads the first {@code length} bytes; a stanza without P or V becomes a problem. */
  public static List<SystemPackage> parse(
      byte[] data, int length, PathHash hash, List<String> problems) {
    List<SystemPackage> all = new ArrayList<>();
    Lines lines = new Lines(data, length);
    Stanza stanza = new Stanza();
    while (lines.next()) {
      if (lines.blank()) {
        stanza.finish(all, problems);
        stanza = new Stanza();
      } else if (lines.length() < 2 || lines.at(1) != ':') {
        problems.add("line %d: not of the form X:value".formatted(lines.number()));
      } else {
        stanza.take(lines, data, hash);
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
    private String origin = "";
    private String licence = "";
    private String commit = "";
    private long directory;
    private boolean directoryEmpty = true;
    private long[] files = new long[8];
    private int fileCount;

    void take(Lines lines, byte[] data, PathHash hash) {
      if (line == 0) {
        line = lines.number();
        directory = hash.start();
      }
      switch (lines.at(0)) {
        case 'P' -> name = lines.value();
        case 'V' -> version = lines.value();
        case 'A' -> architecture = lines.value();
        case 'L' -> licence = lines.value();
        case 'o' -> origin = lines.value();
        case 'c' -> commit = lines.value();
        case 'F' -> {
          directory = hash.of(data, lines.start() + 2, lines.stop());
          directoryEmpty = lines.length() == 2;
        }
        case 'R' -> addFile(lines, data, hash);
        default -> {}
      }
    }

    private void addFile(Lines lines, byte[] data, PathHash hash) {
      long path = directoryEmpty ? hash.start() : hash.add(directory, (byte) '/');
      for (int i = lines.start() + 2; i < lines.stop(); i++) {
        path = hash.add(path, data[i]);
      }
      if (fileCount == files.length) {
        files = Arrays.copyOf(files, fileCount * 2);
      }
      files[fileCount++] = path;
    }

    void finish(List<SystemPackage> all, List<String> problems) {
      if (line == 0) {
        return;
      }
      if (name.isEmpty() || version.isEmpty()) {
        problems.add("line %d: a stanza without P (name) or V (version)".formatted(line));
        return;
      }
      Map<String, String> properties = new TreeMap<>();
      if (!commit.isEmpty()) {
        properties.put("commit", commit);
      }
      all.add(
          new SystemPackage(
              name,
              version,
              architecture,
              origin.isEmpty() ? name : origin,
              version,
              licence,
              properties,
              Arrays.copyOf(files, fileCount)));
    }
  }
}
