package dev.bulla.registry;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import dev.bulla.registry.Admission.State;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a change of bindings would do to one manifest.
 *
 * @param tags that lead to it or wait for it
 * @param from its state now; ADMITTED where nothing decides
 * @param visible whether readers would see it
 * @param reason why it would not be admitted; empty if it would
 */
public record TrustChange(
    String repository,
    Digest digest,
    List<String> tags,
    State from,
    State to,
    boolean visible,
    String reason) {

  /** Where a list of changes goes on: the last one that was told, or the empty string twice. */
  public record Place(String repository, String digest) {}

  public TrustChange {
    tags = List.copyOf(tags);
  }

  public ObjectNode toJson() {
    ObjectNode node = Json.object().put("repository", repository);
    node.put("digest", digest.toString());
    ArrayNode all = node.putArray("tags");
    tags.forEach(all::add);
    node.put("from", from.name()).put("to", to.name());
    return node.put("visible", visible).put("reason", reason);
  }
}
