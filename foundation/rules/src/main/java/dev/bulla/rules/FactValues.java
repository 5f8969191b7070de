package dev.bulla.rules;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The facts of one evaluation: a JSON object whose members are the variables.
 *
 * <p>JSON becomes CEL as follows: string → string, whole number → int (64 bit, refused beyond),
 * other number → double, boolean → bool, object → map, array → list. A timestamp stays an RFC 3339
 * string; expressions say {@code timestamp(x)}. Null is refused: a fact that is not known must be
 * absent or say so.
 *
 * <p>Members are converted when they are first read, once. Thread-safe; the node must not change
 * afterwards.
 */
public final class FactValues {
  private final ObjectNode facts;
  private final Map<String, Object> converted = new ConcurrentHashMap<>();

  private FactValues(ObjectNode facts) {
    this.facts = facts;
  }

  public static FactValues of(ObjectNode facts) {
    return new FactValues(facts);
  }

  Optional<Object> find(String name) {
    Object known = converted.get(name);
    if (known != null) {
      return Optional.of(known);
    }
    JsonNode node = facts.get(name);
    if (node == null) {
      throw new BullaException(
          ErrorCode.POLICY_FACT_MISSING, "there is no fact '%s'".formatted(Shown.text(name)));
    }
    Object value = convert(node, name);
    converted.put(name, value);
    return Optional.of(value);
  }

  private static Object convert(JsonNode node, String where) {
    return switch (node.getNodeType()) {
      case STRING -> node.stringValue();
      case BOOLEAN -> node.booleanValue();
      case NUMBER -> number(node, where);
      case ARRAY -> list(node, where);
      case OBJECT -> map(node, where);
      case NULL, BINARY, MISSING, POJO ->
          throw new BullaException(
              ErrorCode.POLICY_FACT_MISSING,
              "fact '%s' is %s, expected a value".formatted(Shown.text(where), node.getNodeType()));
    };
  }

  private static Object number(JsonNode node, String where) {
    if (!node.isIntegralNumber()) {
      return node.isBigDecimal() ? node.decimalValue().doubleValue() : node.doubleValue();
    }
    if (!node.canConvertToLong()) {
      throw new BullaException(
          ErrorCode.POLICY_EVALUATION,
          "fact '%s' is a whole number of more than 64 bits".formatted(Shown.text(where)));
    }
    return node.longValue();
  }

  private static List<Object> list(JsonNode node, String where) {
    List<Object> all = new ArrayList<>(node.size());
    for (JsonNode element : node) {
      all.add(convert(element, where));
    }
    return Collections.unmodifiableList(all);
  }

  private static Map<String, Object> map(JsonNode node, String where) {
    Map<String, Object> all = LinkedHashMap.newLinkedHashMap(node.size());
    node.properties()
        .forEach(entry ->
            all.put(entry.getKey(), convert(entry.getValue(), where + "." + entry.getKey())));
    return Collections.unmodifiableMap(all);
  }
}
