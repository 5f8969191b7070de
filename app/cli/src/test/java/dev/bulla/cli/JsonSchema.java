package dev.bulla.cli;

import dev.bulla.core.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * As much of JSON Schema 2020-12 as the published schemas use. A keyword that is not known here is
 * an error, so that a schema cannot say more than is checked.
 */
final class JsonSchema {
  private static final Set<String> WORDS =
      Set.of(
          "$schema",
          "$id",
          "$defs",
          "$ref",
          "title",
          "description",
          "type",
          "const",
          "enum",
          "pattern",
          "format",
          "minLength",
          "maxLength",
          "minimum",
          "maximum",
          "minItems",
          "maxItems",
          "uniqueItems",
          "items",
          "properties",
          "required",
          "additionalProperties",
          "propertyNames",
          "maxProperties",
          "oneOf",
          "anyOf",
          "allOf",
          "not");

  private final JsonNode root;

  JsonSchema(Path file) throws Exception {
    this.root = Json.parse(Files.readAllBytes(file), file.toString());
  }

  /** What is wrong with the document; empty if nothing. */
  List<String> faults(JsonNode document) {
    List<String> faults = new ArrayList<>();
    check(root, document, "", faults);
    return faults;
  }

  private boolean fits(JsonNode schema, JsonNode value) {
    List<String> faults = new ArrayList<>();
    check(schema, value, "", faults);
    return faults.isEmpty();
  }

  private void check(JsonNode schema, JsonNode value, String at, List<String> faults) {
    for (String word : schema.propertyNames()) {
      if (!WORDS.contains(word)) {
        throw new IllegalStateException("the keyword " + word + " is not known");
      }
      if (!holds(word, schema, value, at, faults)) {
        faults.add("%s: %s %s".formatted(at, word, schema.get(word)));
      }
    }
  }

  private boolean holds(
      String word, JsonNode schema, JsonNode value, String at, List<String> faults) {
    JsonNode rule = schema.get(word);
    return switch (word) {
      case "$ref" -> {
        check(root.at(rule.asString().substring(1)), value, at, faults);
        yield true;
      }
      case "type" ->
          rule.isArray()
              ? rule.valueStream().anyMatch(one -> isOf(one.asString(), value))
              : isOf(rule.asString(), value);
      case "const" -> value.equals(rule);
      case "enum" -> rule.valueStream().anyMatch(value::equals);
      case "pattern" ->
          !value.isString() || Pattern.compile(rule.asString()).matcher(value.asString()).find();
      case "minLength" -> !value.isString() || value.asString().length() >= rule.asInt();
      case "maxLength" -> !value.isString() || value.asString().length() <= rule.asInt();
      case "minimum" -> !value.isNumber() || value.asInt() >= rule.asInt();
      case "maximum" -> !value.isNumber() || value.asInt() <= rule.asInt();
      case "minItems" -> !value.isArray() || value.size() >= rule.asInt();
      case "maxItems" -> !value.isArray() || value.size() <= rule.asInt();
      case "uniqueItems" ->
          !value.isArray() || value.valueStream().distinct().count() == value.size();
      case "maxProperties" -> !value.isObject() || value.size() <= rule.asInt();
      case "required" ->
          !value.isObject() || rule.valueStream().allMatch(one -> value.has(one.asString()));
      case "oneOf" -> rule.valueStream().filter(one -> fits(one, value)).count() == 1;
      case "anyOf" -> rule.valueStream().anyMatch(one -> fits(one, value));
      case "allOf" -> rule.valueStream().allMatch(one -> fits(one, value));
      case "not" -> !fits(rule, value);
      default -> children(word, schema, value, at, faults);
    };
  }

  private boolean children(
      String word, JsonNode schema, JsonNode value, String at, List<String> faults) {
    JsonNode rule = schema.get(word);
    if (word.equals("items") && value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        check(rule, value.get(i), at + "/" + i, faults);
      }
    }
    if (!value.isObject()) {
      return true;
    }
    for (String name : value.propertyNames()) {
      boolean named = schema.path("properties").has(name);
      switch (word) {
        case "properties" -> {
          if (named) {
            check(rule.get(name), value.get(name), at + "/" + name, faults);
          }
        }
        case "propertyNames" -> check(rule, Json.object().put("n", name).get("n"), at, faults);
        case "additionalProperties" -> {
          if (!named && rule.isBoolean() && !rule.asBoolean()) {
            faults.add(at + "/" + name + " is not known");
          } else if (!named && rule.isObject()) {
            check(rule, value.get(name), at + "/" + name, faults);
          }
        }
        default -> {
          // says nothing about members
        }
      }
    }
    return true;
  }

  private static boolean isOf(String type, JsonNode value) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isString();
      case "integer" -> value.isIntegralNumber();
      case "number" -> value.isNumber();
      case "boolean" -> value.isBoolean();
      default -> throw new IllegalStateException("the type " + type + " is not known");
    };
  }
}
