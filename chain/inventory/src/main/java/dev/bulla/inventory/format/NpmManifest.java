package dev.bulla.inventory.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * Name, version and licence of a package.json.
 *
 * <p>Read tolerantly (duplicate keys are not an error here, the last one counts as in Node), since
 * a sloppy manifest must not hide an installed package.
 */
public record NpmManifest(String name, String version, List<String> licences) {
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(256).maxNameLength(64 * 1024).build())
          .build();
  private static final int MAX_NAME = 214;

  public NpmManifest {
    licences = List.copyOf(licences);
  }

  /**
   * Reads the first {@code length} bytes.
   *
   * @return empty if there is no name or no version, as in a manifest that only sets the module
   *     type
   * @throws IllegalArgumentException if this is no JSON object; the message says why
   */
  public static Optional<NpmManifest> parse(byte[] data, int length) {
    int from = length >= 3 && (data[0] & 0xff) == 0xef ? 3 : 0;
    String name = "";
    String version = "";
    List<String> licences = List.of();
    try (JsonParser json =
        JSON.createParser(
            tools.jackson.core.ObjectReadContext.empty(), data, from, length - from)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("not a JSON object");
      }
      while (json.nextToken() == JsonToken.PROPERTY_NAME) {
        String field = json.currentName();
        JsonToken value = json.nextToken();
        switch (field) {
          case "name" -> name = textOr(json, value, name);
          case "version" -> version = textOr(json, value, version);
          case "license", "licenses" -> licences = licences(json, value);
          default -> {}
        }
        if (value == JsonToken.START_OBJECT || value == JsonToken.START_ARRAY) {
          // licences() leaves the parser on the closing token of what it read
          if (json.currentToken() == value) {
            json.skipChildren();
          }
        }
      }
    } catch (JacksonException e) {
      throw new IllegalArgumentException(e.getOriginalMessage(), e);
    }
    if (name.isEmpty() || version.isEmpty() || name.length() > MAX_NAME || version.length() > 256) {
      return Optional.empty();
    }
    return Optional.of(new NpmManifest(name, version, licences));
  }

  private static String textOr(JsonParser json, JsonToken value, String other) {
    return value == JsonToken.VALUE_STRING ? json.getString().strip() : other;
  }

  /** A string, an object with {@code type}, or an array of either. */
  private static List<String> licences(JsonParser json, JsonToken value) {
    List<String> found = new ArrayList<>();
    if (value == JsonToken.VALUE_STRING) {
      found.add(json.getString().strip());
    } else if (value == JsonToken.START_OBJECT || value == JsonToken.START_ARRAY) {
      int depth = 1;
      String field = "";
      while (depth > 0) {
        JsonToken token = json.nextToken();
        switch (token) {
          case START_OBJECT, START_ARRAY -> depth++;
          case END_OBJECT, END_ARRAY -> depth--;
          case PROPERTY_NAME -> field = json.currentName();
          case VALUE_STRING -> {
            if (field.equals("type") || field.isEmpty()) {
              found.add(json.getString().strip());
            }
          }
          case null -> throw new IllegalArgumentException("ends inside the licence");
          default -> {}
        }
      }
    }
    found.removeIf(String::isEmpty);
    return found;
  }
}
