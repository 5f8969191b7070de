package dev.bulla.signing.tuf;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Metadata that were verified together. Immutable.
 *
 * @param files the files as they came, by role
 */
record TrustedMetadata(
    Root root, Timestamp timestamp, Snapshot snapshot, Targets targets, Map<String, byte[]> files) {
  TrustedMetadata {
    files = Map.copyOf(files);
  }

  /**
   * Verifies files that were kept: every signature, version and hash; not the expiry, and nothing
   * was before them.
   *
   * @throws dev.bulla.core.BullaException {@code TRUST_METADATA_INVALID}
   */
  static TrustedMetadata verify(Map<String, byte[]> files) {
    SignedFile rootFile = file(files, Role.ROOT);
    Root root = Root.parse(rootFile);
    root.check(Role.ROOT, rootFile);
    SignedFile timestampFile = file(files, Role.TIMESTAMP);
    root.check(Role.TIMESTAMP, timestampFile);
    Timestamp timestamp = Timestamp.parse(timestampFile);
    SignedFile snapshotFile = file(files, Role.SNAPSHOT);
    root.check(Role.SNAPSHOT, snapshotFile);
    Snapshot snapshot = Snapshot.parse(snapshotFile);
    same(snapshotFile, snapshot.version(), timestamp.snapshot());
    SignedFile targetsFile = file(files, Role.TARGETS);
    root.check(Role.TARGETS, targetsFile);
    Targets targets = Targets.parse(targetsFile);
    same(targetsFile, targets.version(), Refresh.listed(snapshot, Role.TARGETS.id()));
    Map<String, byte[]> kept = new LinkedHashMap<>();
    Stream.of(rootFile, timestampFile, snapshotFile, targetsFile)
        .forEach(file -> kept.put(file.name(), file.bytes()));
    return new TrustedMetadata(root, timestamp, snapshot, targets, kept);
  }

  /** When the first of them expires. */
  Instant expires() {
    return Stream.of(root.expires(), timestamp.expires(), snapshot.expires(), targets.expires())
        .min(Instant::compareTo)
        .orElseThrow();
  }

  private static SignedFile file(Map<String, byte[]> files, Role role) {
    byte[] bytes =
        Optional.ofNullable(files.get(role.id()))
            .orElseThrow(() -> Refused.invalid(role.id(), "missing"));
    return SignedFile.parse(bytes, role.id());
  }

  private static void same(SignedFile file, long version, FileVersion listed) {
    if (version != listed.version() || !listed.match(file.bytes())) {
      throw Refused.invalid(file.name(), "not the version or the bytes that belong to the others");
    }
  }
}
