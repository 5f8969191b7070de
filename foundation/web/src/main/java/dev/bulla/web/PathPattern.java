package dev.bulla.web;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A path whose segments may be parameters, as {@link Route} describes it; compared with paths as
 * they were sent, percent-encoded. Without regular expressions: every request is compared with
 * some.
 */
final class PathPattern {
  private enum Kind {
    LITERAL,
    ONE,
    MANY
  }

  private record Segment(Kind kind, String text) {}

  private final List<Segment> segments = new ArrayList<>();

  /** Where the segment of many is; the number of segments if there is none. */
  private final int many;

  PathPattern(String pattern) {
    for (String text : pattern.substring(1).split("/", -1)) {
      boolean one = text.startsWith("{") && text.endsWith("}");
      boolean several = text.startsWith("<") && text.endsWith(">");
      segments.add(
          one || several
              ? new Segment(one ? Kind.ONE : Kind.MANY, text.substring(1, text.length() - 1))
              : new Segment(Kind.LITERAL, text));
    }
    List<Kind> kinds = segments.stream().map(Segment::kind).toList();
    this.many = kinds.contains(Kind.MANY) ? kinds.indexOf(Kind.MANY) : segments.size();
    if (many != kinds.lastIndexOf(Kind.MANY) && many != segments.size()) {
      throw new IllegalArgumentException(pattern + " has several segments of many");
    }
  }

  /** The decoded parameters if the pattern stands for {@code path}. */
  Optional<Map<String, String>> match(String path) {
    Map<String, String> parameters = new HashMap<>(4);
    int begin = 0;
    for (int i = 0; i < many; i++) {
      if (begin >= path.length() || path.charAt(begin) != '/') {
        return Optional.empty();
      }
      int slash = path.indexOf('/', begin + 1);
      int end = slash < 0 ? path.length() : slash;
      if (!take(segments.get(i), path, begin + 1, end, parameters)) {
        return Optional.empty();
      }
      begin = end;
    }
    int end = path.length();
    for (int i = segments.size() - 1; i > many; i--) {
      int slash = path.lastIndexOf('/', end - 1);
      if (slash < begin || !take(segments.get(i), path, slash + 1, end, parameters)) {
        return Optional.empty();
      }
      end = slash;
    }
    if (many == segments.size()) {
      return begin == end ? Optional.of(parameters) : Optional.empty();
    }
    return begin < end
            && path.charAt(begin) == '/'
            && take(segments.get(many), path, begin + 1, end, parameters)
        ? Optional.of(parameters)
        : Optional.empty();
  }

  private static boolean take(
      Segment segment, String path, int begin, int end, Map<String, String> parameters) {
    if (segment.kind() == Kind.LITERAL) {
      return end - begin == segment.text().length()
          && path.regionMatches(begin, segment.text(), 0, end - begin);
    }
    if (begin == end) {
      return false;
    }
    parameters.put(segment.text(), decoded(path.substring(begin, end)));
    return true;
  }

  private static String decoded(String text) {
    return text.indexOf('%') < 0
        ? text
        : URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
