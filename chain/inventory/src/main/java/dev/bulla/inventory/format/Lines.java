package dev.bulla.inventory.format;

import java.nio.charset.StandardCharsets;

/**
 * Walks the lines of some bytes without making strings of those that nobody asks for. Not
 * thread-safe.
 */
final class Lines {
  private final byte[] data;
  private final int end;
  private int start;
  private int stop;
  private int next;
  private int number;

  Lines(byte[] data, int length) {
    this.data = data;
    this.end = length;
  }

  boolean next() {
    if (next >= end) {
      return false;
    }
    start = next;
    int i = start;
    while (i < end && data[i] != '\n') {
      i++;
    }
    next = i + 1;
    stop = i > start && data[i - 1] == '\r' ? i - 1 : i;
    number++;
    return true;
  }

  /** From 1. */
  int number() {
    return number;
  }

  int length() {
    return stop - start;
  }

  int start() {
    return start;
  }

  int stop() {
    return stop;
  }

  byte at(int i) {
    return data[start + i];
  }

  boolean blank() {
    for (int i = start; i < stop; i++) {
      if (data[i] != ' ' && data[i] != '\t') {
        return false;
      }
    }
    return true;
  }

  /** Whether the line begins with {@code name}, any case, and a colon. */
  boolean isField(String name) {
    if (length() <= name.length() || at(name.length()) != ':') {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      if (Character.toLowerCase((char) at(i)) != Character.toLowerCase(name.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** The text after the first colon, trimmed. */
  String value() {
    int i = start;
    while (i < stop && data[i] != ':') {
      i++;
    }
    return text(Math.min(i + 1, stop), stop);
  }

  String text() {
    return text(start, stop);
  }

  private String text(int from, int to) {
    return new String(data, from, to - from, StandardCharsets.UTF_8).strip();
  }
}
