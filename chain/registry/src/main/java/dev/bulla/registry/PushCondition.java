package dev.bulla.registry;

import dev.bulla.core.Digest;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;

/**
 * For what a push is meant to be in the place of: whoever read a tag and moves it on can demand
 * that nobody else did in between. Looked at in the transaction of the push.
 *
 * @param meant of the manifest that is there now: at a tag, or for a push without tags under the
 *     digest; empty if there is none
 * @param newest whether a manifest that waits for its admission is what a tag points at, as those
 *     see it who see all
 */
public record PushCondition(Predicate<Optional<Digest>> meant, boolean newest) {
  /** Whatever is there. */
  public static final PushCondition NONE = new PushCondition(any -> true, true);

  /** The first tag, or the digest, at which something else is; empty if there is none. */
  Optional<String> failsAt(Handle handle, long repository, Digest digest, List<String> tags) {
    if (this == NONE) {
      return Optional.empty();
    }
    if (tags.isEmpty()) {
      return meant.test(find(handle, "manifest", "digest", repository, digest.toString()))
          ? Optional.empty()
          : Optional.of(digest.toString());
    }
    return tags.stream().filter(tag -> !meant.test(target(handle, repository, tag))).findFirst();
  }

  private Optional<Digest> target(Handle handle, long repository, String tag) {
    Optional<Digest> waiting =
        newest ? find(handle, "pending_tag", "name", repository, tag) : Optional.empty();
    return waiting.or(() -> find(handle, "tag", "name", repository, tag));
  }

  private static Optional<Digest> find(
      Handle handle, String table, String column, long repository, String value) {
    return handle
        .select(
            "SELECT digest FROM %s WHERE repository = ? AND %s = ?".formatted(table, column),
            repository,
            value)
        .mapTo(String.class)
        .findOne()
        .map(Digest::parse);
  }
}
