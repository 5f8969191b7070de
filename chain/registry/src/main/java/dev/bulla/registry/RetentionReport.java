package dev.bulla.registry;

import dev.bulla.core.json.Json;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What retention has removed, or would.
 *
 * @param removed at most {@value #MAX_ENTRIES}
 * @param more how many others
 */
public record RetentionReport(boolean dryRun, List<Removed> removed, long more) {
  static final int MAX_ENTRIES = 10_000;

  /**
   * @param tags that went
   * @param manifest whether the manifest went too; it can be restored
   * @param reason in words
   */
  public record Removed(
      String repository, String digest, List<String> tags, boolean manifest, String reason) {
    public Removed {
      tags = List.copyOf(tags);
    }
  }

  public RetentionReport {
    removed = List.copyOf(removed);
  }

  public ObjectNode toJson() {
    ObjectNode node = Json.object().put("dryRun", dryRun);
    node.put("manifests", removed.stream().filter(Removed::manifest).count());
    node.put("tags", removed.stream().mapToLong(one -> one.tags().size()).sum());
    node.put("more", more);
    ArrayNode all = node.putArray("removed");
    for (Removed one : removed) {
      ObjectNode entry = all.addObject();
      entry.put("repository", one.repository()).put("digest", one.digest());
      ArrayNode tags = entry.putArray("tags");
      one.tags().forEach(tags::add);
      entry.put("manifest", one.manifest()).put("reason", one.reason());
    }
    return node;
  }
}
