package dev.bulla.policy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Free-form JSON made fit for facts: nulls are left out, whole numbers beyond 64 bits become texts,
 * the size is bounded.
 */
final class Plain {
  private static final int MAX_NODES = 20_000;

  private final String what;
  private int nodes;

  private Plain(String what) {
    this.what = what;
  }

  /**
   * @throws BullaException {@link ErrorCode#INPUT_TOO_LARGE} beyond 20 000 values
   */
  static ObjectNode object(ObjectNode from, String what) {
    return new Plain(what).object(from);
  }

  private ObjectNode object(ObjectNode from) {
    ObjectNode to = Json.object();
    from.properties()
        .forEach(entry -> {
          if (!entry.getValue().isNull()) {
            to.set(entry.getKey(), value(entry.getValue()));
          }
        });
    return to;
  }

  private JsonNode value(JsonNode from) {
    if (++nodes > MAX_NODES) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE, "%s: more than %d values".formatted(what, MAX_NODES));
    }
    if (from instanceof ObjectNode object) {
      return object(object);
    }
    if (from.isArray()) {
      ArrayNode all = Json.array();
      from.forEach(one -> {
        if (!one.isNull()) {
          all.add(value(one));
        }
      });
      return all;
    }
    boolean tooBig =
        from.isNumber() && (from.isIntegralNumber() ? !from.canConvertToLong() : !isFinite(from));
    return tooBig ? Json.array().add(from.asString()).get(0) : from;
  }

  private static boolean isFinite(JsonNode number) {
    return number.isBigDecimal()
        ? Double.isFinite(number.decimalValue().doubleValue())
        : Double.isFinite(number.doubleValue());
  }
}
