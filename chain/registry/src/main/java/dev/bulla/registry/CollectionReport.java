package dev.bulla.registry;

import dev.bulla.core.json.Json;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a collection did, or would have done.
 *
 * @param uploads that rested too long and were dropped
 * @param untagged manifests that no tag leads to; they were deleted and can be restored
 * @param deleted manifests that were deleted long ago and can no longer be restored
 * @param links of blobs into repositories that no manifest there needs
 * @param blobs whose files were retired
 * @param bytes of those
 * @param strays files that no record knew, retired too
 * @param freed bytes of earlier retired files whose space is free now; of a dry run all that lie in
 *     the trash
 */
public record CollectionReport(
    boolean dryRun,
    long uploads,
    long untagged,
    long deleted,
    long links,
    long blobs,
    long bytes,
    long strays,
    long freed) {

  public ObjectNode toJson() {
    return Json.object()
        .put("dryRun", dryRun)
        .put("uploads", uploads)
        .put("untaggedManifests", untagged)
        .put("deletedManifests", deleted)
        .put("links", links)
        .put("blobs", blobs)
        .put("bytes", bytes)
        .put("strayFiles", strays)
        .put("freedBytes", freed);
  }
}
