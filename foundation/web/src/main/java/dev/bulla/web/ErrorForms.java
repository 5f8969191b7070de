package dev.bulla.web;

import dev.bulla.core.json.Json;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

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

  /**
   * The answer to a request whose address nobody could read: what each protocol has in its errors,
   * in one object. They are objects all, and where two have a member of one name the shorter prefix
   * counts.
   */
  ObjectNode ofUnknown(Problem problem) {
    ObjectNode body = Json.object();
    for (ErrorWriter form : byPrefix.values()) {
      if (form.broken(problem) instanceof ObjectNode own) {
        body.setAll(own);
      }
    }
    return body;
  }

  /** The media type of {@link #ofUnknown}. */
  String typeOfUnknown() {
    return byPrefix.size() == 1 ? ProblemDetails.TYPE : "application/json";
  }
}
