package dev.bulla.registry;

import dev.bulla.core.Digest;
import java.time.Instant;
import java.util.List;

/**
 * A manifest that was deleted and can still be restored.
 *
 * @param tags that pointed at it
 */
public record DeletedManifest(
    String repository, Digest digest, Instant deleted, List<String> tags) {
  public DeletedManifest {
    tags = List.copyOf(tags);
  }
}
