package dev.bulla.web;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parameters of a query, decoded; one without a value has the empty string. */
final class Query {
  private Query() {}

  static Map<String, List<String>> parse(@Nullable String query) {
    if (query == null || query.isEmpty()) {
      return Map.of();
    }
    Map<String, List<String>> values = new LinkedHashMap<>();
    for (String pair : query.split("&")) {
      int equals = pair.indexOf('=');
      String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
      values.computeIfAbsent(name, first -> new ArrayList<>(1)).add(value);
    }
    return values;
  }

  /**
   * @throws BullaException if a percent sign is not followed by two digits, and for NUL, which no
   *     database keeps in a text
   */
  private static String decoded(String text) {
    try {
      String decoded = URLDecoder.decode(text, StandardCharsets.UTF_8);
      if (decoded.indexOf('\0') < 0) {
        return decoded;
      }
    } catch (IllegalArgumentException e) {
      // as below
    }
    throw new BullaException(
        ErrorCode.REQUEST_INVALID,
        "a parameter of the query cannot be decoded: " + Shown.text(text));
  }
}
