package dev.bulla.signing.tuf;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * The canonical JSON that TUF signs (OLPC's, wiki.laptop.org/go/Canonical_JSON): members sorted by
 * code point, no white space, whole numbers only, and no escapes in strings but those of the quote
 * and the backslash. It is not RFC 8785.
 */
final class OlpcJson {
  private OlpcJson() {}

  /**
   * @throws BullaException {@link ErrorCode#TRUST_METADATA_INVALID} for a number with a fraction,
   *     which the form does not have
   */
  static byte[] write(JsonNode node) {
    StringBuilder out = new StringBuilder();
    append(node, out);
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void append(JsonNode node, StringBuilder out) {
    switch (node.getNodeType()) {
      case OBJECT -> appendObject(node, out);
      case ARRAY -> {
        out.append('[');
        String separator = "";
        for (JsonNode element : node) {
          out.append(separator);
          append(element, out);
          separator = ",";
        }
        out.append(']');
      }
      case STRING -> appendString(node.stringValue(), out);
      case NUMBER -> {
        if (!node.isIntegralNumber()) {
          throw new BullaException(
              ErrorCode.TRUST_METADATA_INVALID, "a number with a fraction has no canonical form");
        }
        out.append(node.bigIntegerValue());
      }
      case BOOLEAN -> out.append(node.booleanValue());
      case NULL -> out.append("null");
      case BINARY, MISSING, POJO ->
          throw new IllegalArgumentException("a " + node.getNodeType() + " node is not JSON");
    }
  }

  private static void appendObject(JsonNode node, StringBuilder out) {
    List<String> names = new ArrayList<>(node.propertyNames());
    names.sort(OlpcJson::compareCodePoints);
    out.append('{');
    String separator = "";
    for (String name : names) {
      out.append(separator);
      appendString(name, out);
      out.append(':');
      append(node.get(name), out);
      separator = ",";
    }
    out.append('}');
  }

  /** By code points, as UTF-8 bytes sort; Java's own order is by UTF-16 units. */
  private static int compareCodePoints(String one, String other) {
    return java.util.Arrays.compare(one.codePoints().toArray(), other.codePoints().toArray());
  }

  private static void appendString(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\');
      }
      out.append(c);
    }
    out.append('"');
  }
}
