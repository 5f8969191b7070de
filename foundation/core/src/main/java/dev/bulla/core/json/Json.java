package dev.bulla.core.json;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The one JSON configuration of the house: duplicate keys, trailing text, malformed UTF-8, more
 * than {@value #MAX_DEPTH} levels and oversized documents are refused; decimal numbers keep their
 * digits.
 *
 * <p>Signed or hashed bytes are parsed here and never re-serialised. All methods are thread-safe.
 */
public final class Json {
  /** Levels of nesting that are read. */
  public static final int MAX_DEPTH = 256;

  /** Characters of a number: 400. */
  static final int MAX_NUMBER = 400;

  /** Bytes of one document, unless the caller allows more: 64 MiB. */
  public static final int MAX_BYTES = 64 * 1024 * 1024;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(MAX_NUMBER)
                  .maxStringLength(MAX_BYTES)
                  .maxNameLength(64 * 1024)
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .build();

  /** Made when something is written: a mapper takes longer to make than most documents to read. */
  private static final class Mapper {
    static final JsonMapper INSTANCE =
        JsonMapper.builder(FACTORY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .build();
  }

  private Json() {}

  /** The shared mapper, for streaming readers and writers that need Jackson itself. */
  public static JsonMapper mapper() {
    return Mapper.INSTANCE;
  }

  /**
   * Parses one document of at most 64 MiB.
   *
   * @param what names the document in errors
   * @throws BullaException {@code JSON_MALFORMED}, {@code JSON_DUPLICATE_KEY}, {@code
   *     JSON_TOO_DEEP}, {@code INPUT_TOO_LARGE}
   */
  public static JsonNode parse(byte[] bytes, String what) {
    return parse(bytes, MAX_BYTES, what);
  }

  /** As {@link #parse(byte[], String)} with an own limit in bytes. */
  public static JsonNode parse(byte[] bytes, int maxBytes, String what) {
    checkSize(bytes, maxBytes, what);
    checkEncoding(bytes, what);
    try {
      return JsonTree.read(FACTORY, bytes, what);
    } catch (JacksonException e) {
      throw refusal(what, e);
    }
  }

  /** Parses a document that must be an object. */
  public static ObjectNode parseObject(byte[] bytes, String what) {
    if (parse(bytes, what) instanceof ObjectNode object) {
      return object;
    }
    throw new BullaException(ErrorCode.JSON_MALFORMED, what + ": expected a JSON object");
  }

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  public static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  /** Compact JSON in the order of the members. */
  public static byte[] write(JsonNode node) {
    return Mapper.INSTANCE.writeValueAsBytes(node);
  }

  public static void write(JsonNode node, OutputStream out) {
    Mapper.INSTANCE.writeValue(out, node);
  }

  /** Indented by two spaces, with a final line feed, for people and committed files. */
  public static byte[] pretty(JsonNode node) {
    return (Mapper.INSTANCE
                .writerWithDefaultPrettyPrinter()
                .writeValueAsString(node)
                .replace("\r\n", "\n")
            + "\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  /** The RFC 8785 form of {@code node}. */
  public static byte[] canonical(JsonNode node) {
    return CanonicalJson.write(node);
  }

  /**
   * A streaming parser with the same limits; the caller closes it and reports errors through {@link
   * #refusal}.
   */
  public static JsonParser parser(InputStream in) {
    return Mapper.INSTANCE.createParser(in);
  }

  /** What a Jackson failure means for the user. */
  public static BullaException refusal(String what, JacksonException e) {
    String message =
        Shown.text(
            e.getOriginalMessage() == null ? "unreadable" : sentence(e.getOriginalMessage()));
    String where =
        e.getLocation() == null || e.getLocation().getLineNr() < 1
            ? ""
            : " at line "
                + e.getLocation().getLineNr()
                + ", column "
                + e.getLocation().getColumnNr();
    ErrorCode code = ErrorCode.JSON_MALFORMED;
    if (e instanceof StreamConstraintsException) {
      code = message.contains("depth") ? ErrorCode.JSON_TOO_DEEP : ErrorCode.INPUT_TOO_LARGE;
    } else if (message.startsWith("Duplicate")) {
      code = ErrorCode.JSON_DUPLICATE_KEY;
    }
    return new BullaException(code, what + where + ": " + message, e);
  }

  /**
   * YAML's parser shows the place in indented lines, which is told beside; the rest is a sentence.
   */
  private static String sentence(String message) {
    return message.indexOf('\n') < 0
        ? message
        : message
            .lines()
            .filter(line -> !line.isBlank() && !line.startsWith(" "))
            .collect(Collectors.joining(", "));
  }

  private static void checkSize(byte[] bytes, int maxBytes, String what) {
    if (bytes.length > maxBytes) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE,
          "%s: %d bytes, at most %d are read".formatted(what, bytes.length, maxBytes));
    }
  }

  /**
   * Jackson would take a NUL among the first bytes for UTF-16 or UTF-32, and skip a byte order
   * mark.
   */
  private static void checkEncoding(byte[] bytes, String what) {
    boolean otherEncoding =
        bytes.length >= 3
            && bytes[0] == (byte) 0xef
            && bytes[1] == (byte) 0xbb
            && bytes[2] == (byte) 0xbf;
    for (int i = 0; i < Math.min(4, bytes.length); i++) {
      otherEncoding |= bytes[i] == 0;
    }
    if (otherEncoding) {
      throw new BullaException(
          ErrorCode.JSON_MALFORMED, what + ": expected UTF-8 without a byte order mark");
    }
    checkUtf8(bytes, what);
  }

  static void checkUtf8(byte[] bytes, String what) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
    } catch (CharacterCodingException e) {
      throw new BullaException(ErrorCode.JSON_MALFORMED, what + ": not well-formed UTF-8", e);
    }
  }
}
