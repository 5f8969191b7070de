package dev.bulla.inventory;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes canonical package URLs (purl specification): lower-case type, percent-encoded segments,
 * qualifiers sorted by key; a colon is never encoded.
 */
final class Purls {
  private Purls() {}

  /**
   * A package URL.
   *
   * @param namespace segments joined by slashes, or empty
   * @param version empty to leave it out
   * @param qualifiers those with an empty value are left out
   */
  static String of(
      String type, String namespace, String name, String version, Map<String, String> qualifiers) {
    StringBuilder purl = new StringBuilder("pkg:").append(type).append('/');
    if (!namespace.isEmpty()) {
      for (String segment : namespace.split("/")) {
        if (!segment.isEmpty()) {
          encode(segment, purl);
          purl.append('/');
        }
      }
    }
    encode(name, purl);
    if (!version.isEmpty()) {
      purl.append('@');
      encode(version, purl);
    }
    char separator = '?';
    for (Map.Entry<String, String> qualifier : new TreeMap<>(qualifiers).entrySet()) {
      if (!qualifier.getValue().isEmpty()) {
        purl.append(separator).append(qualifier.getKey()).append('=');
        encode(qualifier.getValue(), purl);
        separator = '&';
      }
    }
    return purl.toString();
  }

  /** The purl of a package of a language ecosystem, from the name as its advisories write it. */
  static String language(
      String type, String group, String name, String version, Map<String, String> qualifiers) {
    if (type.equals("maven")) {
      return of(type, group, name, version, qualifiers);
    }
    boolean path = type.equals("golang") || type.equals("npm") && name.startsWith("@");
    int slash = path ? name.lastIndexOf('/') : -1;
    return slash < 0
        ? of(type, "", name, version, qualifiers)
        : of(type, name.substring(0, slash), name.substring(slash + 1), version, qualifiers);
  }

  private static void encode(String text, StringBuilder out) {
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xff);
      if (c >= 'a' && c <= 'z'
          || c >= 'A' && c <= 'Z'
          || c >= '0' && c <= '9'
          || "-._~:".indexOf(c) >= 0) {
        out.append(c);
      } else {
        out.append('%').append(Character.toUpperCase(Character.forDigit(c >> 4, 16)));
        out.append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
      }
    }
  }
}
