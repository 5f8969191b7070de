package dev.bulla.registry;

import java.util.List;

/**
 * Some entries of a longer list.
 *
 * @param more whether others follow the last entry
 */
public record Page<T>(List<T> entries, boolean more) {

  public Page {
    entries = List.copyOf(entries);
  }

  /** The first {@code limit} of {@code found}, which holds one more if there is more. */
  public static <T> Page<T> of(List<T> found, int limit) {
    return found.size() > limit
        ? new Page<>(found.subList(0, limit), true)
        : new Page<>(found, false);
  }
}
