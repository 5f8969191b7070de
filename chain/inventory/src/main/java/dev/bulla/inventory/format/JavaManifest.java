package dev.bulla.inventory.format;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The main section of a jar manifest (JAR file specification): folded lines joined, keys without
 * regard to case.
 */
public final class JavaManifest {
  private final Map<String, String> values;

  private JavaManifest(Map<String, String> values) {
    this.values = values;
  }

  /** A manifest without any attribute. */
  public static JavaManifest none() {
    return new JavaManifest(Map.of());
  }

  public static JavaManifest parse(byte[] data) {
    Map<String, String> values = new HashMap<>();
    StringBuilder line = new StringBuilder();
    int at = 0;
    while (at < data.length) {
      int end = at;
      while (end < data.length && data[end] != '\n' && data[end] != '\r') {
        end++;
      }
      if (end > at && data[at] == ' ') {
        line.append(new String(data, at + 1, end - at - 1, StandardCharsets.UTF_8));
      } else {
        put(values, line);
        line.setLength(0);
        if (end == at && !values.isEmpty()) {
          break;
        }
        line.append(new String(data, at, end - at, StandardCharsets.UTF_8));
      }
      at =
          end < data.length && data[end] == '\r' && end + 1 < data.length && data[end + 1] == '\n'
              ? end + 2
              : end + 1;
    }
    put(values, line);
    return new JavaManifest(values);
  }

  private static void put(Map<String, String> values, StringBuilder line) {
    int colon = line.indexOf(":");
    if (colon > 0) {
      values.putIfAbsent(
          line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
          line.substring(colon + 1).strip());
    }
  }

  /** The value of an attribute, or the empty string. */
  public String get(String name) {
    return values.getOrDefault(name.toLowerCase(Locale.ROOT), "");
  }

  /** The first of the attributes that has a value without placeholders. */
  public String first(String... names) {
    for (String name : names) {
      String value = get(name);
      if (!value.isEmpty() && !value.contains("${")) {
        return value;
      }
    }
    return "";
  }
}
