package dev.bulla.signing.tuf;

import java.util.Optional;

/**
 * Where a repository's files come from. Nothing that it gives is believed before it is verified.
 * One user at a time.
 */
public interface RepositoryFiles extends AutoCloseable {
  /**
   * A metadata file.
   *
   * @param name percent-encoded, one segment
   * @param limit bytes
   * @return empty if there is none of this name
   * @throws dev.bulla.core.BullaException {@code TRUST_REPOSITORY_UNAVAILABLE}; {@code
   *     INPUT_TOO_LARGE} for one that is longer
   */
  Optional<byte[]> metadata(String name, int limit);

  /**
   * A target file.
   *
   * @param path percent-encoded segments
   */
  Optional<byte[]> target(String path, int limit);

  @Override
  default void close() {}
}
