package dev.bulla.cli.command;

import dev.bulla.signing.tuf.TrustCache;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** The trusted root that {@code bulla trust root} keeps for this home. */
final class CachedTrust {
  private CachedTrust() {}

  /** The cache in a directory as the user wrote it, else in the home; touches no file. */
  static TrustCache at(Session session, @Nullable String directory) {
    Path place =
        directory == null ? session.home().trust().resolve("tuf") : session.path(directory);
    return new TrustCache(place, InstantSource.system());
  }
}
