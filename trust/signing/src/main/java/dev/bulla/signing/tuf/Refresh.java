package dev.bulla.signing.tuf;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * One run of the client's workflow (TUF specification section 5.3), judged as of its beginning:
 *
 * <ol>
 *   <li>Roots, one version after the other, each signed as the one before and as itself demand.
 *       Only the last one's expiry counts, so that whoever was away long can follow.
 *   <li>The timestamp; never one older than the one at hand, nor one that names an older snapshot.
 *   <li>The snapshot that the timestamp names; no file of the one at hand may be missing from it or
 *       be older.
 *   <li>The targets that the snapshot names.
 * </ol>
 *
 * What was verified is kept at once, so that the next run goes on from there. A root that takes a
 * key from the online roles lets what these signed be forgotten, before it is kept itself: a run
 * that ends in between has lost nothing else.
 */
final class Refresh {
  static final int MAX_ROOTS = 256;

  private final MetadataCache cache;
  private final RepositoryFiles files;
  private final Instant now;
  private final Map<String, byte[]> kept = new HashMap<>();

  Refresh(MetadataCache cache, RepositoryFiles files, Instant now) {
    this.cache = cache;
    this.files = files;
    this.now = now;
  }

  TrustedMetadata run() {
    Root root = latestRoot();
    Timestamp timestamp = timestamp(root);
    Snapshot snapshot = snapshot(root, timestamp);
    Targets targets =
        current(
            Role.TARGETS.id(),
            listed(snapshot, Role.TARGETS.id()),
            Role.TARGETS,
            root.consistentSnapshot(),
            root.keys(Role.TARGETS),
            Targets::parse,
            Targets::version,
            Targets::expires);
    return new TrustedMetadata(root, timestamp, snapshot, targets, kept);
  }

  private Root latestRoot() {
    SignedFile file = trustedRoot();
    Root root = Root.parse(file);
    root.check(Role.ROOT, file);
    kept.put(Role.ROOT.id(), file.bytes());
    for (int hops = 0; ; hops++) {
      String name = (root.version() + 1) + ".root.json";
      Optional<byte[]> next = files.metadata(name, Role.ROOT.maxBytes());
      if (next.isEmpty()) {
        break;
      }
      if (hops == MAX_ROOTS) {
        throw Refused.invalid(
            name, "more than %d new roots in one run; run again".formatted(MAX_ROOTS));
      }
      root = follow(root, SignedFile.parse(next.get(), name));
    }
    if (!now.isBefore(root.expires())) {
      throw Refused.expired("root version " + root.version(), root.expires(), now);
    }
    return root;
  }

  private SignedFile trustedRoot() {
    byte[] bytes =
        cache
            .read(Role.ROOT.id())
            .orElseThrow(() ->
                new BullaException(
                    ErrorCode.TRUST_ROOT_INVALID,
                    "%s: there is no root to begin with".formatted(cache.directory()),
                    "Begin with 'bulla trust root init --url URL --root FILE'."));
    return SignedFile.parse(bytes, "root.json");
  }

  private Root follow(Root root, SignedFile file) {
    root.check(Role.ROOT, file);
    Root next = Root.parse(file);
    next.check(Role.ROOT, file);
    notOlder(file.name(), next.version(), root.version());
    if (next.version() != root.version() + 1) {
      throw Refused.invalid(
          file.name(), "of version %d, expected %d".formatted(next.version(), root.version() + 1));
    }
    if (next.takesOnlineKeyOf(root)) {
      cache.delete(Role.TIMESTAMP.id());
      cache.delete(Role.SNAPSHOT.id());
    }
    keep(Role.ROOT.id(), file);
    return next;
  }

  private Timestamp timestamp(Root root) {
    Optional<SignedFile> trusted = local(Role.TIMESTAMP.id(), root.keys(Role.TIMESTAMP));
    Optional<Timestamp> before = trusted.map(Timestamp::parse);
    SignedFile file =
        SignedFile.parse(
            files
                .metadata("timestamp.json", Role.TIMESTAMP.maxBytes())
                .orElseThrow(() -> Refused.notThere("timestamp.json")),
            "timestamp.json");
    root.check(Role.TIMESTAMP, file);
    Timestamp timestamp = Timestamp.parse(file);
    if (before.isPresent()) {
      notOlder(file.name(), timestamp.version(), before.get().version());
      if (timestamp.version() == before.get().version()) { // what is at hand stays
        unexpired(file.name(), before.get().expires());
        kept.put(Role.TIMESTAMP.id(), trusted.get().bytes());
        return before.get();
      }
      notOlder(
          "snapshot.json as the timestamp names it",
          timestamp.snapshot().version(),
          before.get().snapshot().version());
    }
    unexpired(file.name(), timestamp.expires());
    keep(Role.TIMESTAMP.id(), file);
    return timestamp;
  }

  private Snapshot snapshot(Root root, Timestamp timestamp) {
    Optional<Snapshot> before =
        local(Role.SNAPSHOT.id(), root.keys(Role.SNAPSHOT)).map(Snapshot::parse);
    return current(
        Role.SNAPSHOT.id(),
        timestamp.snapshot(),
        Role.SNAPSHOT,
        root.consistentSnapshot(),
        root.keys(Role.SNAPSHOT),
        file -> {
          Snapshot snapshot = Snapshot.parse(file);
          before.ifPresent(old -> noneOlder(file.name(), snapshot, old));
          return snapshot;
        },
        Snapshot::version,
        Snapshot::expires);
  }

  /** A delegated role's file, signed as its delegator demands. */
  Targets delegated(TrustedMetadata metadata, Delegation role) {
    return current(
        role.name(),
        listed(metadata.snapshot(), role.name()),
        Role.TARGETS,
        metadata.root().consistentSnapshot(),
        role.keys(),
        Targets::parse,
        Targets::version,
        Targets::expires);
  }

  static FileVersion listed(Snapshot snapshot, String role) {
    return snapshot
        .of(role)
        .orElseThrow(() -> Refused.invalid(role + ".json", "not listed by the snapshot"));
  }

  /** The version of a file that is meant: the one at hand, else the repository's. */
  private <T> T current(
      String role,
      FileVersion meant,
      Role limits,
      boolean versioned,
      RoleKeys keys,
      Function<SignedFile, T> parse,
      Function<T, Long> version,
      Function<T, Instant> expires) {
    Optional<SignedFile> local = local(role, keys).filter(file -> meant.match(file.bytes()));
    if (local.isPresent()) {
      T parsed = parse.apply(local.get());
      if (version.apply(parsed) == meant.version() && now.isBefore(expires.apply(parsed))) {
        kept.put(role, local.get().bytes());
        return parsed;
      }
    }
    String plain = FileNames.quoted(role) + ".json";
    String name = versioned ? meant.version() + "." + plain : plain;
    byte[] bytes =
        files.metadata(name, meant.limit(limits)).orElseThrow(() -> Refused.notThere(name));
    if (!meant.match(bytes)) {
      throw Refused.invalid(name, "not of the length or hash that was signed for it");
    }
    SignedFile file = SignedFile.parse(bytes, name);
    keys.check(file, "the role above it");
    T parsed = parse.apply(file);
    if (version.apply(parsed) != meant.version()) {
      throw Refused.invalid(
          name, "of version %d, expected %d".formatted(version.apply(parsed), meant.version()));
    }
    unexpired(name, expires.apply(parsed));
    keep(role, file);
    return parsed;
  }

  /** What is at hand, if it still is signed as it should be; what is not counts as absent. */
  private Optional<SignedFile> local(String role, RoleKeys keys) {
    Optional<byte[]> bytes = cache.read(role);
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    try {
      SignedFile file = SignedFile.parse(bytes.get(), role + ".json");
      keys.check(file, "the role above it");
      return Optional.of(file);
    } catch (BullaException e) {
      return Optional.empty();
    }
  }

  private void keep(String role, SignedFile file) {
    cache.write(role, file.bytes());
    kept.put(role, file.bytes());
  }

  private void unexpired(String name, Instant expires) {
    if (!now.isBefore(expires)) {
      throw Refused.expired(name, expires, now);
    }
  }

  private static void noneOlder(String name, Snapshot snapshot, Snapshot before) {
    before
        .files()
        .forEach((file, version) -> {
          FileVersion now = snapshot.files().get(file);
          if (now == null) {
            throw Refused.rollback(name, file + " was listed before and is not any more");
          }
          notOlder(file + " as the snapshot lists it", now.version(), version.version());
        });
  }

  private static void notOlder(String name, long version, long before) {
    if (version < before) {
      throw Refused.rollback(
          name, "of version %d, and version %d was there before".formatted(version, before));
    }
  }
}
