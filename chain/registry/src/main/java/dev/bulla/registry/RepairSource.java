package dev.bulla.registry;

import dev.bulla.core.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/** Where the content of a damaged blob may still be had: another registry, a backup. */
@FunctionalInterface
public interface RepairSource {
  /** Nowhere. */
  RepairSource NONE = (digest, size, repositories) -> Optional.empty();

  /**
   * The content, or empty if it is not there; it is verified by whoever asked, who also closes it.
   *
   * @param size in bytes
   * @param repositories that link it here
   */
  Optional<InputStream> find(Digest digest, long size, List<String> repositories)
      throws IOException;
}
