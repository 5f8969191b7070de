package dev.bulla.graph;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/**
 * Where a page ended: the sort key of its last answer, in a form that callers pass back unread.
 *
 * <p>It is bound to its question by the first bytes of the question's hash: a cursor of another
 * question is refused instead of being answered with an arbitrary page. It is not a secret and
 * gives no access.
 */
final class Cursor {
  private static final int MAX_LENGTH = 256 * 1024;

  private Cursor() {}

  static String write(String question, Object... key) {
    ArrayNode array = Json.array().add(mark(question));
    for (Object part : key) {
      if (part instanceof Long number) {
        array.add(number);
      } else {
        array.add(part.toString());
      }
    }
    return Base64.getUrlEncoder().withoutPadding().encodeToString(Json.write(array));
  }

  /**
   * The key of the last answer in the form of {@code first}, or {@code first} if there is no
   * cursor.
   */
  static List<Object> read(String question, Optional<String> cursor, Object... first) {
    if (cursor.isEmpty()) {
      return List.of(first);
    }
    if (cursor.get().length() > MAX_LENGTH) {
      throw invalid("it is too long");
    }
    JsonNode array;
    try {
      array = Json.parse(Base64.getUrlDecoder().decode(cursor.get()), "cursor");
    } catch (IllegalArgumentException e) {
      throw invalid("it is not base64url");
    } catch (BullaException e) {
      throw invalid("it does not hold what this program writes");
    }
    if (!array.isArray() || array.size() != first.length + 1 || !array.get(0).isString()) {
      throw invalid("it does not hold what this program writes");
    }
    if (!array.get(0).stringValue().equals(mark(question))) {
      throw invalid("it belongs to another question");
    }
    List<Object> key = new ArrayList<>();
    for (int i = 0; i < first.length; i++) {
      key.add(part(array.get(i + 1), first[i]));
    }
    return key;
  }

  private static Object part(JsonNode node, Object like) {
    if (like instanceof Long && node.isIntegralNumber() && node.canConvertToLong()) {
      return node.longValue();
    }
    if (like instanceof String && node.isString()) {
      return node.stringValue();
    }
    throw invalid("it does not hold what this program writes");
  }

  private static String mark(String question) {
    return Digest.sha256(question.getBytes(StandardCharsets.UTF_8)).shortHex();
  }

  private static BullaException invalid(String why) {
    return new BullaException(
        ErrorCode.REQUEST_INVALID,
        "the cursor of the next page cannot be used: " + why,
        "Ask again without a cursor, or pass the 'next' value of the page before unchanged.");
  }
}
