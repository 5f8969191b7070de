package dev.bulla.core.statement;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a statement is about (in-toto v1 ResourceDescriptor, the members that a subject uses).
 *
 * @param digests algorithm name to lower-case hex; at least one
 */
public record Subject(
    Optional<String> name, Map<String, String> digests, Map<String, String> annotations) {
  public Subject {
    if (digests.isEmpty()) {
      throw new BullaException(ErrorCode.STATEMENT_INVALID, "a statement's subject has no digest");
    }
    digests = Map.copyOf(new TreeMap<>(digests));
    annotations = Map.copyOf(annotations);
  }

  public static Subject of(Digest digest) {
    return new Subject(Optional.empty(), Map.of(digest.algorithm().id(), digest.hex()), Map.of());
  }

  public static Subject of(String name, Digest digest) {
    return new Subject(Optional.of(name), Map.of(digest.algorithm().id(), digest.hex()), Map.of());
  }

  /** Whether this subject names {@code digest} under the digest's own algorithm. */
  public boolean matches(Digest digest) {
    return digest.hex().equals(digests.get(digest.algorithm().id()));
  }
}
