package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.signing.tuf.KeptTrust;
import dev.bulla.signing.tuf.TrustCache;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The trusted root that {@code bulla trust root} has fetched.
 *
 * @param signingConfig the services of the same instance, if the repository names them
 * @param remark where it is from and how old it is, for the answer that it helps to reach
 */
record CachedTrust(byte[] trustedRoot, Optional<byte[]> signingConfig, String remark) {
  private static final Duration ASK_AFTER = Duration.ofDays(1);

  /** The cache in a directory as the user wrote it, else in the home; touches no file. */
  static TrustCache at(Session session, @Nullable String directory) {
    Path place =
        directory == null ? session.home().trust().resolve("tuf") : session.path(directory);
    return new TrustCache(place, InstantSource.system());
  }

  /**
   * What is there; asked for anew if it was not for a day, or if something has expired. If the
   * repository cannot be reached or the cache not be written, what is there does, up to its limit.
   *
   * @throws BullaException as {@link TrustCache#update} for what is refused, {@link
   *     ErrorCode#TRUST_METADATA_EXPIRED} for what is too old
   */
  static Optional<CachedTrust> find(Session session, @Nullable String directory, boolean offline) {
    TrustCache cache = at(session, directory);
    Optional<KeptTrust> kept = cache.kept();
    if (kept.isEmpty()) {
      return Optional.empty();
    }
    KeptTrust trust = kept.get();
    String failed = "";
    Instant now = InstantSource.system().instant();
    if (!offline && isDue(trust, now)) {
      try {
        trust = cache.update();
      } catch (BullaException e) {
        if (e.code() != ErrorCode.TRUST_REPOSITORY_UNAVAILABLE
            && e.code() != ErrorCode.HOME_UNUSABLE) {
          throw e;
        }
        failed = ", and could not be asked again: " + e.reason();
      }
    }
    trust.checkUsable(now);
    String remark =
        "trusted root of %s, asked %s ago (%s), %s %s%s"
            .formatted(
                trust.source().metadata(),
                TrustRootCommand.words(trust.age(now)),
                trust.refreshedAt(),
                now.isBefore(trust.expires()) ? "expires" : "EXPIRED",
                trust.expires(),
                failed);
    return Optional.of(
        new CachedTrust(
            trust.file(TrustCache.TRUSTED_ROOT).orElseThrow(),
            trust.file(TrustCache.SIGNING_CONFIG),
            remark));
  }

  private static boolean isDue(KeptTrust trust, Instant now) {
    return trust.age(now).compareTo(ASK_AFTER) >= 0
        || !now.isBefore(trust.expires())
        || now.isBefore(trust.refreshedAt());
  }
}
