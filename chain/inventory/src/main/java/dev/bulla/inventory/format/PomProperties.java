package dev.bulla.inventory.format;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Coordinates from {@code META-INF/maven/GROUP/ARTIFACT/pom.properties}. */
public record PomProperties(String group, String artifact, String version) {

  /** Empty unless all three coordinates are there and hold no placeholder. */
  public static Optional<PomProperties> parse(byte[] data) {
    String group = "";
    String artifact = "";
    String version = "";
    for (String line : new String(data, StandardCharsets.ISO_8859_1).split("\n", 200)) {
      String text = line.strip();
      int split = separator(text);
      if (split <= 0 || text.charAt(0) == '#' || text.charAt(0) == '!') {
        continue;
      }
      String value = text.substring(split + 1).strip();
      switch (text.substring(0, split).strip()) {
        case "groupId" -> group = value;
        case "artifactId" -> artifact = value;
        case "version" -> version = value;
        default -> {}
      }
    }
    boolean complete = usable(group) && usable(artifact) && usable(version);
    return complete ? Optional.of(new PomProperties(group, artifact, version)) : Optional.empty();
  }

  private static int separator(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '=' || text.charAt(i) == ':') {
        return i;
      }
    }
    return -1;
  }

  private static boolean usable(String value) {
    return !value.isEmpty() && !value.contains("${") && value.length() <= 256;
  }
}
