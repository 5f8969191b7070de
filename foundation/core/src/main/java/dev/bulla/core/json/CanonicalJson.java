package dev.bulla.core.json;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * The JSON Canonicalization Scheme (RFC 8785): members sorted by UTF-16 code units, no white space,
 * numbers as ECMAScript prints an IEEE 754 double, and the shortest string escapes.
 */
final class CanonicalJson {
  private CanonicalJson() {}

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
      case NUMBER -> out.append(number(node));
      case BOOLEAN -> out.append(node.booleanValue());
      case NULL -> out.append("null");
      case BINARY, MISSING, POJO ->
          throw new BullaException(
              ErrorCode.JSON_MALFORMED, "a " + node.getNodeType() + " node has no canonical form");
    }
  }

  private static void appendObject(JsonNode node, StringBuilder out) {
    List<String> names = new ArrayList<>(node.propertyNames());
    names.sort(null); // String order is by UTF-16 code units, as RFC 8785 section 3.2.3 demands
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

  private static void appendString(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < 0x20) {
            out.append("\\u%04x".formatted((int) c));
          } else if (Character.isSurrogate(c)) {
            if (!Character.isHighSurrogate(c)
                || i + 1 == text.length()
                || !Character.isLowSurrogate(text.charAt(i + 1))) {
              throw new BullaException(
                  ErrorCode.JSON_MALFORMED, "a lone surrogate has no canonical form");
            }
            out.append(c).append(text.charAt(++i));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  private static String number(JsonNode node) {
    double value = node.numberValue().doubleValue();
    if (node.isIntegralNumber()) {
      BigInteger exact = node.bigIntegerValue();
      // beyond 2^53 the double is what the scheme defines; refusing is safer than losing digits of
      // a signed number
      boolean wide = exact.bitLength() > 53;
      if (wide
          && (Double.isInfinite(value) || !new BigDecimal(value).toBigInteger().equals(exact))) {
        throw new BullaException(
            ErrorCode.JSON_MALFORMED,
            "the number " + exact + " cannot be represented exactly (RFC 8785)");
      }
    }
    return EcmaNumber.text(value);
  }
}
