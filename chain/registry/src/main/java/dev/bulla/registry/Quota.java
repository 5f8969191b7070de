package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.util.OptionalLong;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a project may have at most; what is empty has no limit.
 *
 * @param bytes of blobs, each counted once for the project
 */
public record Quota(
    OptionalLong bytes, OptionalLong repositories, OptionalLong manifests, OptionalLong tags) {

  /** No limits. */
  public static final Quota NONE =
      new Quota(
          OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty());

  public Quota {
    check("bytes", bytes);
    check("repositories", repositories);
    check("manifests", manifests);
    check("tags", tags);
  }

  /** The limits that there are. */
  public ObjectNode toJson() {
    ObjectNode node = Json.object();
    bytes.ifPresent(limit -> node.put("bytes", limit));
    repositories.ifPresent(limit -> node.put("repositories", limit));
    manifests.ifPresent(limit -> node.put("manifests", limit));
    tags.ifPresent(limit -> node.put("tags", limit));
    return node;
  }

  private static void check(String what, OptionalLong limit) {
    if (limit.isPresent() && limit.getAsLong() < 0) {
      throw new BullaException(ErrorCode.USAGE, "a quota of %s is negative".formatted(what));
    }
  }
}
