package dev.bulla.signing.imports;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * What became of foreign policies.
 *
 * @param document a Bulla trust policy
 * @param lost what the document does not say and the foreign policies did, in their order
 */
public record Imported(ObjectNode document, List<Lost> lost) {
  /**
   * Something that could not be carried over.
   *
   * @param path where it stood: file, object and JSON pointer
   * @param weaker whether the imported policy therefore accepts more than the foreign one did;
   *     otherwise it refuses more, or demands the same in another way
   */
  public record Lost(String path, String reason, boolean weaker) {}

  public Imported {
    lost = List.copyOf(lost);
  }

  public boolean complete() {
    return lost.isEmpty();
  }
}
