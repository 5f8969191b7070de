package dev.bulla.signing.tuf;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A client of one repository (TUF specification section 5). Holds no state of its own: everything
 * lies in the cache's directory. Thread-safe.
 */
public final class TufClient {
  /** How many roles are asked about one file. */
  static final int MAX_ROLES = 32;

  /** The most bytes of a file. */
  public static final int MAX_FILE_BYTES = 64 * 1024 * 1024;

  private final MetadataCache cache;
  private final InstantSource clock;

  public TufClient(MetadataCache cache, InstantSource clock) {
    this.cache = cache;
    this.clock = clock;
  }

  /**
   * Brings the metadata up to date; then {@code use} finds and downloads files. Others wait so
   * long.
   *
   * @throws BullaException {@link ErrorCode#TRUST_METADATA_INVALID}, {@link
   *     ErrorCode#TRUST_METADATA_ROLLBACK}, {@link ErrorCode#TRUST_METADATA_EXPIRED}, {@link
   *     ErrorCode#TRUST_REPOSITORY_UNAVAILABLE}, {@link ErrorCode#INPUT_TOO_LARGE}; what was
   *     verified before stays
   */
  public <T> T refresh(RepositoryFiles files, Function<Session, T> use) {
    return cache.whileHeld(() -> {
      Instant begun = clock.instant();
      Refresh refresh = new Refresh(cache, files, begun);
      return use.apply(new Session(files, refresh, refresh.run(), begun));
    });
  }

  /** What one refresh has verified. */
  public static final class Session {
    private final RepositoryFiles files;
    private final Refresh refresh;
    private final TrustedMetadata metadata;
    private final Instant begun;

    private Session(
        RepositoryFiles files, Refresh refresh, TrustedMetadata metadata, Instant begun) {
      this.files = files;
      this.refresh = refresh;
      this.metadata = metadata;
      this.begun = begun;
    }

    TrustedMetadata metadata() {
      return metadata;
    }

    Instant begun() {
      return begun;
    }

    /**
     * A file by its path, as the first role describes it that may, in the order of the delegations
     * (TUF specification section 5.6.7).
     *
     * @throws BullaException as {@link TufClient#refresh}; {@link ErrorCode#TRUST_METADATA_INVALID}
     *     if more than 32 roles would have to be asked
     */
    public Optional<TargetFile> find(String path) {
      Deque<Visit> left = new ArrayDeque<>();
      left.push(new Visit(Role.TARGETS.id(), Optional.empty()));
      Set<String> seen = new HashSet<>();
      while (!left.isEmpty()) {
        Visit visit = left.pop();
        if (!seen.add(visit.name)) {
          continue;
        }
        if (seen.size() > MAX_ROLES) {
          throw Refused.invalid(
              Shown.text(path), "more than %d roles may know it".formatted(MAX_ROLES));
        }
        Targets role =
            visit
                .delegation
                .map(delegation -> refresh.delegated(metadata, delegation))
                .orElse(metadata.targets());
        TargetFile file = role.files().get(path);
        if (file != null) {
          return Optional.of(file);
        }
        List<Visit> next = new ArrayList<>();
        for (Delegation delegation : role.covering(path)) {
          next.add(new Visit(delegation.name(), Optional.of(delegation)));
          if (delegation.terminating()) {
            left.clear();
            break;
          }
        }
        next.reversed().forEach(left::push);
      }
      return Optional.empty();
    }

    /**
     * The content of a file, verified.
     *
     * @throws BullaException {@link ErrorCode#TRUST_METADATA_INVALID} if it is another; {@link
     *     ErrorCode#TRUST_REPOSITORY_UNAVAILABLE}; {@link ErrorCode#INPUT_TOO_LARGE}
     */
    public byte[] download(TargetFile file) {
      if (file.length() > MAX_FILE_BYTES) {
        throw new BullaException(
            ErrorCode.INPUT_TOO_LARGE,
            "%s: %d bytes, at most %d are read"
                .formatted(Shown.text(file.path()), file.length(), MAX_FILE_BYTES));
      }
      byte[] content =
          files
              .target(location(file), (int) file.length())
              .orElseThrow(() -> Refused.notThere(Shown.text(file.path())));
      if (!file.matches(content)) {
        throw Refused.invalid(
            Shown.text(file.path()), "the file has another length or hash than was signed for it");
      }
      return content;
    }

    private String location(TargetFile file) {
      if (!metadata.root().consistentSnapshot()) {
        return FileNames.quotedPath(file.path());
      }
      Digest digest = file.digests().getFirst();
      int slash = file.path().lastIndexOf('/') + 1;
      return FileNames.quotedPath(
          file.path().substring(0, slash) + digest.hex() + "." + file.path().substring(slash));
    }

    private record Visit(String name, Optional<Delegation> delegation) {}
  }
}
