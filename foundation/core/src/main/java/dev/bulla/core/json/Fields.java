package dev.bulla.core.json;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A JSON object that is read field by field, with the JSON pointer of the place in every complaint.
 *
 * <p>Immutable view; thread-safe as long as nobody changes the node.
 */
public final class Fields {
  private final ObjectNode node;
  private final String what;
  private final String pointer;

  private Fields(ObjectNode node, String what, String pointer) {
    this.node = node;
    this.what = what;
    this.pointer = pointer;
  }

  /**
   * @param what names the document in errors
   * @throws BullaException {@link ErrorCode#FIELD_INVALID} if {@code node} is not an object
   */
  public static Fields of(JsonNode node, String what) {
    return at(node, what, "");
  }

  private static Fields at(JsonNode node, String what, String pointer) {
    if (node instanceof ObjectNode object) {
      return new Fields(object, what, pointer);
    }
    throw new BullaException(
        ErrorCode.FIELD_INVALID,
        "%s: %s is %s, expected an object".formatted(what, shownPointer(pointer), kind(node)));
  }

  public ObjectNode node() {
    return node;
  }

  /** The JSON pointer of this object in its document; empty at the root. */
  public String pointer() {
    return pointer;
  }

  public boolean has(String name) {
    return node.hasNonNull(name);
  }

  /**
   * Refuses every member that is not listed, with the nearest listed name.
   *
   * @throws BullaException {@link ErrorCode#FIELD_UNKNOWN}
   */
  public Fields only(String... names) {
    List<String> known = Arrays.asList(names);
    for (String name : node.propertyNames()) {
      if (!known.contains(name)) {
        throw new BullaException(
            ErrorCode.FIELD_UNKNOWN,
            "%s: unknown field '%s' at %s".formatted(what, Shown.text(name), shownPointer(pointer)),
            Nearest.to(name, known)
                .map(near -> "Did you mean '" + near + "'?")
                .orElse("Known fields: " + String.join(", ", known) + "."));
      }
    }
    return this;
  }

  public String string(String name) {
    return optionalString(name).orElseThrow(() -> missing(name));
  }

  public Optional<String> optionalString(String name) {
    return present(name)
        .map(value -> {
          if (!value.isString()) {
            throw invalid(name, kind(value) + ", expected a string");
          }
          return value.stringValue();
        });
  }

  public long integer(String name) {
    return optionalInteger(name).orElseThrow(() -> missing(name));
  }

  public Optional<Long> optionalInteger(String name) {
    return present(name)
        .map(value -> {
          if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw invalid(name, kind(value) + ", expected a whole number");
          }
          return value.longValue();
        });
  }

  public Optional<Boolean> optionalBoolean(String name) {
    return present(name)
        .map(value -> {
          if (!value.isBoolean()) {
            throw invalid(name, kind(value) + ", expected true or false");
          }
          return value.booleanValue();
        });
  }

  public Fields object(String name) {
    return optionalObject(name).orElseThrow(() -> missing(name));
  }

  public Optional<Fields> optionalObject(String name) {
    return present(name).map(value -> at(value, what, pointer + "/" + name));
  }

  /** The elements of an array of objects; empty if the field is absent. */
  public List<Fields> objects(String name) {
    List<Fields> all = new ArrayList<>();
    int i = 0;
    for (JsonNode element : array(name)) {
      all.add(at(element, what, pointer + "/" + name + "/" + i++));
    }
    return List.copyOf(all);
  }

  /** The elements of an array of strings; empty if the field is absent. */
  public List<String> strings(String name) {
    List<String> all = new ArrayList<>();
    for (JsonNode element : array(name)) {
      if (!element.isString()) {
        throw invalid(name, "an array with " + kind(element) + ", expected strings only");
      }
      all.add(element.stringValue());
    }
    return List.copyOf(all);
  }

  /** An object whose values are strings, in document order; empty if the field is absent. */
  public Map<String, String> stringMap(String name) {
    Map<String, String> all = new LinkedHashMap<>();
    optionalObject(name)
        .ifPresent(
            object -> object.node.propertyNames().forEach(key -> all.put(key, object.string(key))));
    return all;
  }

  /** What is wrong with a field of this object. */
  public BullaException invalid(String name, String why) {
    return new BullaException(
        ErrorCode.FIELD_INVALID,
        "%s: %s is %s".formatted(what, shownPointer(pointer + "/" + name), Shown.text(why)));
  }

  private Iterable<JsonNode> array(String name) {
    return present(name)
        .map(value -> {
          if (!value.isArray()) {
            throw invalid(name, kind(value) + ", expected an array");
          }
          return (Iterable<JsonNode>) value;
        })
        .orElse(List.of());
  }

  private Optional<JsonNode> present(String name) {
    JsonNode value = node.get(name);
    return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
  }

  private BullaException missing(String name) {
    return invalid(name, "missing");
  }

  private static String shownPointer(String pointer) {
    return pointer.isEmpty() ? "the document" : Shown.text(pointer);
  }

  private static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> "an object";
      case ARRAY -> "an array";
      case STRING -> "a string";
      case NUMBER -> "a number";
      case BOOLEAN -> "a boolean";
      case NULL -> "null";
      case BINARY, MISSING, POJO -> "nothing";
    };
  }
}
