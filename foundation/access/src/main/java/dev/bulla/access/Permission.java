package dev.bulla.access;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What can be done with a repository. */
public enum Permission {
  PULL,
  PUSH,
  DELETE,
  /** To see manifests that are not admitted, and to push evidence, nothing else. */
  SIGN,
  /** To see everything, also what is not admitted: for scanners and verifiers. */
  QUARANTINE_READ,
  /** To have content decided anew. */
  ADMIT,
  /** To agree to an exception. */
  WAIVE,
  /** To see names, sizes, times and attributes, but no content; who may pull may this too. */
  METADATA_READ,
  /** To lock and unlock by attributes; who may push may this too. */
  METADATA_WRITE,
  /**
   * In tokens only: its holder may push, and did not ask for it. He sees what waits all the same,
   * and is sent for another token where he pushes.
   */
  PUSH_UNASKED,
  /** The same of deleting. */
  DELETE_UNASKED;

  /** Those that can be granted. */
  static Set<Permission> grantable() {
    return EnumSet.range(PULL, METADATA_WRITE);
  }

  /** As in tokens and grants: {@code quarantine-read}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Optional<Permission> of(String id) {
    for (Permission one : values()) {
      if (one.id().equals(id)) {
        return Optional.of(one);
      }
    }
    return Optional.empty();
  }
}
