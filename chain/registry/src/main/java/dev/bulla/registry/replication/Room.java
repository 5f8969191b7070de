package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.oci.Manifest;
import dev.bulla.registry.Registry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Finds out whether what is to come has room within the quota of its project, before it is moved.
 * Sizes are those of manifests whose digests were checked; blobs that are otherwise are refused
 * when they come. For one thread.
 */
final class Room {
  private final Registry registry;
  private final String repository;
  private final OptionalLong free;
  private final Set<Digest> counted = new HashSet<>();
  private long needed;

  Room(Registry registry, String repository) {
    this.registry = registry;
    this.repository = repository;
    this.free = registry.quotas().freeBytes(repository);
  }

  /** Whether there is no quota of bytes. */
  boolean isEndless() {
    return free.isEmpty();
  }

  /**
   * Counts blobs that are to come, each once, but for those that the project has.
   *
   * @throws BullaException {@link ErrorCode#QUOTA_EXCEEDED} if that is too much together with what
   *     was counted before
   */
  void take(Collection<Descriptor> blobs) {
    if (free.isEmpty()) {
      return;
    }
    for (Descriptor blob : blobs) {
      if (counted.add(blob.digest()) && !registry.quotas().has(repository, blob.digest())) {
        if (blob.size() > free.getAsLong() - needed) {
          String project = repository.split("/", 2)[0];
          throw new BullaException(
              ErrorCode.QUOTA_EXCEEDED,
              "the quota of project %s has %d bytes left, and what is to come has %s"
                  .formatted(project, Math.max(0, free.getAsLong()), atLeast(blob)),
              "Nothing of it was moved. Raise the quota, delete what is not needed and collect, or"
                  + " use a narrower pattern.");
        }
        needed += blob.size();
      }
    }
  }

  private String atLeast(Descriptor blob) {
    return blob.size() > Long.MAX_VALUE - needed
        ? "more than can be counted"
        : "at least " + (needed + blob.size());
  }

  /** What a manifest is made of, but for what is kept elsewhere. */
  static List<Descriptor> blobs(Manifest manifest) {
    List<Descriptor> blobs = new ArrayList<>();
    manifest.config().ifPresent(config -> blobs.add(config.bare()));
    for (Descriptor layer : manifest.layers()) {
      boolean elsewhere =
          layer.mediaType().contains("nondistributable") || layer.mediaType().contains("foreign");
      if (!elsewhere) {
        blobs.add(layer.bare());
      }
    }
    return blobs;
  }
}
