package dev.bulla.registry;

import java.time.Duration;
import java.util.Optional;

/**
 * What counts as garbage.
 *
 * @param grace how long content that nothing refers to is kept after the last push, mount or
 *     question about it
 * @param retired how long retired files are kept before their space is freed
 * @param uploads how long an upload may rest
 * @param deleted how long deleted manifests can be restored
 * @param untagged after which manifests are deleted that no tag leads to, neither directly nor
 *     through an index or as evidence; empty never
 * @param dryRun changes nothing and reports what would be done
 */
public record CollectionRules(
    Duration grace,
    Duration retired,
    Duration uploads,
    Duration deleted,
    Optional<Duration> untagged,
    boolean dryRun) {

  /** A day of grace, a day in the trash, a week to restore; untagged manifests are kept. */
  public static final CollectionRules STANDARD =
      new CollectionRules(
          Duration.ofDays(1),
          Duration.ofDays(1),
          Duration.ofDays(1),
          Duration.ofDays(7),
          Optional.empty(),
          false);

  public CollectionRules {
    for (Duration one : new Duration[] {grace, retired, uploads, deleted}) {
      if (one.isNegative()) {
        throw new IllegalArgumentException("a negative time");
      }
    }
  }

  /** Everything that can be freed is freed now. */
  public CollectionRules withoutGrace() {
    return new CollectionRules(
        Duration.ZERO, Duration.ZERO, uploads, Duration.ZERO, untagged, dryRun);
  }
}
