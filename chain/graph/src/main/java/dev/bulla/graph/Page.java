package dev.bulla.graph;

import dev.bulla.core.json.Json;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Some answers in a stable order.
 *
 * @param next give it to {@link Ask#after} for the answers that follow; empty on the last page
 * @param note what a person should know about the answer, such as from which advisories it is
 *     taken; may be empty
 */
public record Page<T extends Answer>(List<T> items, Optional<String> next, String note) {
  public Page {
    items = List.copyOf(items);
  }

  static <T extends Answer> Page<T> empty(String note) {
    return new Page<>(List.of(), Optional.empty(), note);
  }

  /** {@code {"items": […], "next": "…", "note": "…"}}; {@code next} is absent on the last page. */
  public ObjectNode toJson() {
    ObjectNode root = Json.object();
    ArrayNode array = root.putArray("items");
    items.forEach(item -> array.add(item.toJson()));
    next.ifPresent(cursor -> root.put("next", cursor));
    root.put("note", note);
    return root;
  }
}
