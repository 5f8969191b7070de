package dev.bulla.signing.tuf;

import java.nio.charset.StandardCharsets;

/** Names of roles and files as one segment of a path: no slash, no dot segments, any alphabet. */
final class FileNames {
  private FileNames() {}

  /** Percent-encoded but for letters, digits and {@code - _ . ~} (RFC 3986 section 2.3). */
  static String quoted(String name) {
    StringBuilder out = new StringBuilder();
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      boolean plain =
          b >= 'a' && b <= 'z'
              || b >= 'A' && b <= 'Z'
              || b >= '0' && b <= '9'
              || b == '-'
              || b == '_'
              || b == '.'
              || b == '~';
      if (plain) {
        out.append((char) b);
      } else {
        out.append("%%%02X".formatted(b & 0xff));
      }
    }
    return out.toString();
  }

  /** A path of several segments, each quoted; a leading slash is kept. */
  static String quotedPath(String path) {
    StringBuilder out = new StringBuilder();
    for (String segment : path.split("/", -1)) {
      out.append(out.isEmpty() ? "" : "/").append(quoted(segment));
    }
    return out.toString();
  }
}
