package dev.bulla.signing.sigstore;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The JSON mapping of protocol buffers, in which Sigstore's documents are written: members in
 * lowerCamelCase or under their original snake_case names, whole numbers as numbers or strings,
 * bytes in either base64 alphabet.
 */
public final class ProtoJson {
  private ProtoJson() {}

  /**
   * A document with every member under its lowerCamelCase name.
   *
   * @throws BullaException JSON errors; {@link ErrorCode#JSON_DUPLICATE_KEY} if a member is there
   *     under both names
   */
  public static Fields parse(byte[] json, int maxBytes, String what) {
    return Fields.of(renamed(Json.parse(json, maxBytes, what), what), what);
  }

  private static JsonNode renamed(JsonNode node, String what) {
    if (node instanceof ObjectNode object) {
      ObjectNode all = Json.object();
      for (String name : object.propertyNames()) {
        String camel = camel(name);
        if (all.has(camel)) {
          throw new BullaException(
              ErrorCode.JSON_DUPLICATE_KEY,
              "%s: the member '%s' is there under two names".formatted(what, Shown.text(camel)));
        }
        all.set(camel, renamed(object.get(name), what));
      }
      return all;
    }
    if (node instanceof ArrayNode array) {
      ArrayNode all = Json.array();
      for (JsonNode element : array) {
        all.add(renamed(element, what));
      }
      return all;
    }
    return node;
  }

  private static String camel(String name) {
    StringBuilder out = new StringBuilder();
    for (int at = 0; at < name.length(); at++) {
      char c = name.charAt(at);
      if (c == '_' && at + 1 < name.length() && at > 0) {
        out.append(Character.toUpperCase(name.charAt(++at)));
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  /**
   * A 64-bit number, written as number or string; zero if absent, as everywhere in protocol
   * buffers.
   */
  public static long number(Fields fields, String name) {
    JsonNode value = fields.node().get(name);
    if (value == null || !value.isString()) {
      return fields.optionalInteger(name).orElse(0L);
    }
    String text = value.stringValue();
    if (!text.matches("-?(0|[1-9][0-9]{0,18})")) {
      throw fields.invalid(name, "a text that is no whole number");
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw fields.invalid(name, "a number that is too large");
    }
  }

  /** Bytes that must be there. */
  public static byte[] bytes(Fields fields, String name) {
    return optionalBytes(fields, name).orElseThrow(() -> fields.invalid(name, "missing"));
  }

  public static Optional<byte[]> optionalBytes(Fields fields, String name) {
    return fields.optionalString(name).map(text -> decode(text, fields, name));
  }

  /**
   * Base64 in the standard or the URL alphabet, with or without padding; one text for each sequence
   * of bytes.
   */
  static byte[] decode(String text, Fields fields, String name) {
    return decode(text.replace('-', '+').replace('_', '/'))
        .orElseThrow(() -> fields.invalid(name, "not base64"));
  }

  /** Bytes from standard base64; empty if it is none, or if bits are set that no byte has. */
  static Optional<byte[]> decode(String text) {
    try {
      byte[] bytes = Base64.getDecoder().decode(text);
      String again = Base64.getEncoder().withoutPadding().encodeToString(bytes);
      return text.startsWith(again) ? Optional.of(bytes) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Hexadecimal bytes, as only Rekor v1 writes them. */
  static byte[] hex(String text, Fields fields, String name) {
    try {
      return HexFormat.of().parseHex(text);
    } catch (IllegalArgumentException e) {
      throw fields.invalid(name, "not hexadecimal");
    }
  }

  /** A time in RFC 3339. */
  public static Optional<Instant> time(Fields fields, String name) {
    return fields
        .optionalString(name)
        .map(text -> {
          try {
            return java.time.OffsetDateTime.parse(text).toInstant();
          } catch (DateTimeException e) {
            throw fields.invalid(name, "not a time: " + text);
          }
        });
  }
}
