package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads {@code KEY=VALUE} words. */
final class Pairs {
  private Pairs() {}

  static Map<String, String> of(List<String> words) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals < 1 || pairs.put(word.substring(0, equals), word.substring(equals + 1)) != null) {
        throw new BullaException(
            ErrorCode.USAGE, "'" + word + "' is not KEY=VALUE, or the key comes twice");
      }
    }
    return pairs;
  }
}
