package dev.bulla.cli.registry;

import dev.bulla.cli.command.Session;
import dev.bulla.core.Shown;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The list of what a change of bindings does, asked for part by part. */
final class TrustChanges {
  private TrustChanges() {}

  /**
   * The first answer with the changes of all the others.
   *
   * @param ask for the part after {@code next} of the one before
   */
  static ObjectNode all(ObjectNode first, Asked ask) {
    ArrayNode changes = (ArrayNode) first.path("changes");
    JsonNode page = first;
    while (page.has("next")) {
      page = ask.after(page.path("next").asString(""));
      page.path("changes").forEach(changes::add);
    }
    first.remove("next");
    return first;
  }

  @FunctionalInterface
  interface Asked {
    JsonNode after(String place);
  }

  static void print(Session session, JsonNode answer) {
    for (JsonNode change : answer.path("changes")) {
      StringBuilder tags = new StringBuilder();
      change.path("tags").forEach(tag -> tags.append(' ').append(tag.asString("")));
      session
          .text()
          .printf(
              "%s %s@%s%s: %s -> %s %s%n",
              change.path("visible").asBoolean(false) ? "+" : "-",
              change.path("repository").asString(""),
              change.path("digest").asString(""),
              tags.isEmpty() ? "" : " (" + tags.toString().strip() + ")",
              change.path("from").asString(""),
              change.path("to").asString(""),
              Shown.text(change.path("reason").asString("")));
    }
  }
}
