package dev.bulla.signing.tuf;

/**
 * A shell pattern of paths: {@code *} is any text and {@code ?} any character of one segment;
 * neither reaches over a slash. Everything else stands for itself.
 */
record PathPattern(String pattern) {

  /** In time proportional to the product of both lengths, whatever the pattern. */
  boolean matches(String path) {
    int at = 0;
    int star = -1;
    int retry = 0;
    int i = 0;
    while (i < path.length()) {
      char c = path.charAt(i);
      char p = at < pattern.length() ? pattern.charAt(at) : 0;
      if (at < pattern.length() && p == '*') {
        star = at++;
        retry = i;
      } else if (at < pattern.length() && (p == c || p == '?' && c != '/')) {
        at++;
        i++;
      } else if (star >= 0 && path.charAt(retry) != '/') {
        at = star + 1;
        i = ++retry;
      } else {
        return false;
      }
    }
    while (at < pattern.length() && pattern.charAt(at) == '*') {
      at++;
    }
    return at == pattern.length();
  }
}
