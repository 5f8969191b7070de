package dev.bulla.web;

import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;

/** Which form of errors counts for which paths: that of the longest prefix. */
final class ErrorForms {
  private final Map<String, ErrorWriter> byPrefix =
      new TreeMap<>(
          Comparator.comparingInt(String::length)
              .reversed()
              .thenComparing(Comparator.naturalOrder()));

  ErrorForms() {
    byPrefix.put("", new ProblemDetails());
  }

  void put(String prefix, ErrorWriter form) {
    byPrefix.put(prefix, form);
  }

  ErrorWriter of(String path) {
    for (Map.Entry<String, ErrorWriter> one : byPrefix.entrySet()) {
      if (path.startsWith(one.getKey())) {
        return one.getValue();
      }
    }
    throw new IllegalStateException("no error writer for " + path);
  }
}
