package dev.bulla.signing.tuf;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A directory with the trust of one Sigstore instance: {@code metadata/}, which the TUF client
 * keeps and which remembers what must not be rolled back, and {@code trust.json}, the last whole
 * refresh, written at its end. Whoever only verifies reads that file and takes no lock.
 * Thread-safe.
 */
public final class TrustCache {
  /** The document that says which logs and authorities are believed. */
  public static final String TRUSTED_ROOT = "trusted_root.json";

  /** The document that says with which services to sign; a repository need not have it. */
  public static final String SIGNING_CONFIG = "signing_config.v0.2.json";

  private static final String KEPT = "trust.json";
  private static final int MAX_KEPT = 64 * 1024 * 1024;

  private final Path directory;
  private final InstantSource clock;

  public TrustCache(Path directory, InstantSource clock) {
    this.directory = directory.toAbsolutePath().normalize();
    this.clock = clock;
  }

  public Path directory() {
    return directory;
  }

  /**
   * Begins with a root that the caller trusts, and fetches everything.
   *
   * @param replace whether what is there may be given up, with its memory of versions
   * @throws BullaException {@link ErrorCode#CONFLICT} if there is something already; {@link
   *     ErrorCode#TRUST_ROOT_INVALID} for a root that is not signed as it demands itself; as {@link
   *     TufClient#refresh}, and then what was fetched before stays in use
   */
  public KeptTrust init(TrustSource source, byte[] root, boolean replace) {
    checkRoot(root);
    if (!replace && Files.exists(directory.resolve(KEPT))) {
      throw new BullaException(
          ErrorCode.CONFLICT,
          "%s holds a trusted root already".formatted(directory),
          "Use 'bulla trust root update', or begin anew with --replace.");
    }
    MetadataCache cache = new MetadataCache(directory.resolve("metadata"));
    try (RepositoryFiles files = source.open()) {
      cache.whileHeld(() -> {
        for (Role role : List.of(Role.TIMESTAMP, Role.SNAPSHOT, Role.TARGETS)) {
          cache.delete(role.id());
        }
        cache.begin(root);
        return root;
      });
      return refresh(cache, source, files);
    }
  }

  /**
   * Asks the repository for what is new.
   *
   * @throws BullaException {@link ErrorCode#TRUST_ROOT_INVALID} if nothing was begun; as {@link
   *     TufClient#refresh}, and then what is there stays
   */
  public KeptTrust update() {
    KeptTrust before =
        kept()
            .orElseThrow(() ->
                new BullaException(
                    ErrorCode.TRUST_ROOT_INVALID,
                    "%s holds no trusted root".formatted(directory),
                    "Begin with 'bulla trust root init --url URL --root FILE'."));
    try (RepositoryFiles files = before.source().open()) {
      return refresh(new MetadataCache(directory.resolve("metadata")), before.source(), files);
    }
  }

  /**
   * What the last refresh left, verified but for the expiry; empty if there was none.
   *
   * @throws BullaException {@link ErrorCode#TRUST_METADATA_INVALID}; {@link
   *     ErrorCode#HOME_UNUSABLE} if it cannot be read
   */
  public Optional<KeptTrust> kept() {
    Path file = directory.resolve(KEPT);
    try {
      if (Files.size(file) > MAX_KEPT) {
        throw Refused.invalid(file.toString(), "too large");
      }
      return Optional.of(KeptTrust.parse(Files.readAllBytes(file)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new BullaException(ErrorCode.HOME_UNUSABLE, file + ": cannot be read: " + e, e);
    }
  }

  private KeptTrust refresh(MetadataCache cache, TrustSource source, RepositoryFiles files) {
    return new TufClient(cache, clock)
        .refresh(
            files,
            session -> {
              KeptTrust kept =
                  new KeptTrust(source, session.begun(), session.metadata(), download(session));
              MetadataCache.store(directory, KEPT, kept.write());
              return kept;
            });
  }

  /** The files; from the last refresh if they are still the same. */
  private Map<String, byte[]> download(TufClient.Session session) {
    Optional<KeptTrust> before = kept();
    Map<String, byte[]> all = new HashMap<>();
    for (String name : List.of(TRUSTED_ROOT, SIGNING_CONFIG)) {
      TargetFile file = session.metadata().targets().files().get(name);
      if (file != null) {
        all.put(
            name,
            before
                .flatMap(kept -> kept.file(name))
                .filter(file::matches)
                .orElseGet(() -> session.download(file)));
      }
    }
    if (!all.containsKey(TRUSTED_ROOT)) {
      throw new BullaException(
          ErrorCode.TRUST_ROOT_INVALID,
          "the trust repository offers no " + TRUSTED_ROOT,
          "Give the address of a Sigstore instance's repository.");
    }
    return all;
  }

  private static void checkRoot(byte[] root) {
    try {
      SignedFile file = SignedFile.parse(root, "root");
      Root.parse(file).check(Role.ROOT, file);
    } catch (BullaException e) {
      throw new BullaException(
          ErrorCode.TRUST_ROOT_INVALID,
          "the root to begin with: " + e.reason(),
          "Give an unchanged root.json of the repository.",
          e);
    }
  }
}
