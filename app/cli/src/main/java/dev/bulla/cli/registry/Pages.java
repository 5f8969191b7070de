package dev.bulla.cli.registry;

import dev.bulla.core.json.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Lists that come in pages. */
final class Pages {
  private Pages() {}

  /**
   * One document of all pages.
   *
   * @param list the member that holds the entries
   * @param page gives the page after an entry; the empty string asks for the first
   */
  static JsonNode all(String list, Function<String, JsonNode> page) {
    ObjectNode whole = Json.object();
    String after = "";
    do {
      JsonNode part = page.apply(after);
      if (after.isEmpty()) {
        part.properties().stream()
            .filter(member -> !member.getKey().equals("next"))
            .forEach(member -> whole.set(member.getKey(), member.getValue()));
      } else if (whole.get(list) instanceof ArrayNode entries) {
        part.path(list).forEach(entries::add);
      }
      after = part.path("next").asString("");
    } while (!after.isEmpty());
    return whole;
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
