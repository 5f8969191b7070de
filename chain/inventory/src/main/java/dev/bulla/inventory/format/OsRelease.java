package dev.bulla.inventory.format;

import java.util.Map;
import java.util.TreeMap;

/** The os-release file: shell assignments with optional quotes (os-release(5)). */
public final class OsRelease {
  private OsRelease() {}

  /** Keys and values of the first {@code length} bytes; lines that assign nothing are left out. */
  public static Map<String, String> parse(byte[] data, int length) {
    Map<String, String> values = new TreeMap<>();
    Lines lines = new Lines(data, length);
    while (lines.next()) {
      String line = lines.text();
      int equals = line.indexOf('=');
      if (equals > 0 && line.charAt(0) != '#') {
        values.put(line.substring(0, equals).strip(), unquoted(line.substring(equals + 1).strip()));
      }
    }
    return values;
  }

  private static String unquoted(String text) {
    if (text.isEmpty() || text.charAt(0) != '"' && text.charAt(0) != '\'') {
      return text;
    }
    char quote = text.charAt(0);
    StringBuilder value = new StringBuilder();
    for (int i = 1; i < text.length() && text.charAt(i) != quote; i++) {
      if (text.charAt(i) == '\\' && quote == '"' && i + 1 < text.length()) {
        i++;
      }
      value.append(text.charAt(i));
    }
    return value.toString();
  }
}
