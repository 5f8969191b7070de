package dev.bulla.core;

/** Outside text made safe for a message: bounded, without control characters. */
public final class Shown {
  private static final int LIMIT = 200;

  private Shown() {}

  /** At most 200 characters of {@code text}, control characters as {@code \\uXXXX}. */
  public static String text(String text) {
    StringBuilder shown = new StringBuilder(Math.min(text.length(), LIMIT) + 8);
    for (int i = 0; i < text.length() && i < LIMIT; i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
        shown.append("\\u").append("%04x".formatted((int) c));
      } else {
        shown.append(c);
      }
    }
    return text.length() > LIMIT ? shown.append('…').toString() : shown.toString();
  }
}
