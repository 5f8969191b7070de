package dev.bulla.signing.tuf;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the last whole refresh left: files, and the metadata that vouch for them. Usable without a
 * network; read from one file, so that a refresh beside it is never seen half done. Immutable.
 *
 * <p>Only metadata and files are signed. When the refresh was, and where, is this machine's word.
 */
public final class KeptTrust {
  /** For how long after something has expired it is still used without a network. */
  public static final Duration GRACE = Duration.ofDays(30);

  private static final Duration SKEW = Duration.ofMinutes(10);
  private static final String WHAT = "kept trust";

  private final TrustSource source;
  private final Instant refreshedAt;
  private final TrustedMetadata metadata;
  private final Map<String, byte[]> targets;

  KeptTrust(
      TrustSource source,
      Instant refreshedAt,
      TrustedMetadata metadata,
      Map<String, byte[]> targets) {
    this.source = source;
    this.refreshedAt = refreshedAt;
    this.metadata = metadata;
    this.targets = Map.copyOf(targets);
  }

  /** Where it comes from. */
  public TrustSource source() {
    return source;
  }

  /** When the repository was last asked. */
  public Instant refreshedAt() {
    return refreshedAt;
  }

  /** When the first of the metadata expires; mostly the timestamp. */
  public Instant expires() {
    return metadata.expires();
  }

  /** How long ago the repository was asked; zero if the clock was set back since. */
  public Duration age(Instant now) {
    return now.isBefore(refreshedAt) ? Duration.ZERO : Duration.between(refreshedAt, now);
  }

  /** The roles with their versions and expiry, in the order root, timestamp, snapshot, targets. */
  public java.util.List<RoleState> roles() {
    return java.util.List.of(
        new RoleState(Role.ROOT.id(), metadata.root().version(), metadata.root().expires()),
        new RoleState(
            Role.TIMESTAMP.id(), metadata.timestamp().version(), metadata.timestamp().expires()),
        new RoleState(
            Role.SNAPSHOT.id(), metadata.snapshot().version(), metadata.snapshot().expires()),
        new RoleState(
            Role.TARGETS.id(), metadata.targets().version(), metadata.targets().expires()));
  }

  /** A file that was downloaded and verified, such as {@code trusted_root.json}. */
  public Optional<byte[]> file(String name) {
    return Optional.ofNullable(targets.get(name)).map(byte[]::clone);
  }

  /** Names of the files that are there. */
  public java.util.List<String> fileNames() {
    return targets.keySet().stream().sorted().toList();
  }

  /**
   * Refuses trust that is too old to be used without asking: something expired more than {@link
   * #GRACE} ago, or the clock stands before the refresh, so that nothing can be said of its age.
   *
   * @throws BullaException {@link ErrorCode#TRUST_METADATA_EXPIRED}
   */
  public void checkUsable(Instant now) {
    if (now.isBefore(refreshedAt.minus(SKEW))) {
      throw stale("the clock says %s, and it was fetched at %s".formatted(now, refreshedAt));
    }
    if (now.isAfter(expires().plus(GRACE))) {
      throw stale(
          "expired at %s, more than %d days ago; fetched at %s"
              .formatted(expires(), GRACE.toDays(), refreshedAt));
    }
  }

  private static BullaException stale(String why) {
    return new BullaException(
        ErrorCode.TRUST_METADATA_EXPIRED,
        "the cached trusted root is too old to be used: " + why,
        "Run 'bulla trust root update', or give --trusted-root FILE.");
  }

  byte[] write() {
    ObjectNode document = Json.object();
    document.put("version", 1);
    document.put("metadataUrl", source.metadata().toString());
    document.put("targetsUrl", source.targets().toString());
    document.put("refreshedAt", refreshedAt.toString());
    ObjectNode roles = document.putObject("metadata");
    Base64.Encoder base64 = Base64.getEncoder();
    for (Role role : Role.values()) {
      byte[] bytes = metadata.files().get(role.id());
      roles.put(role.id(), base64.encodeToString(bytes));
    }
    ObjectNode files = document.putObject("targets");
    targets.forEach((name, bytes) -> files.put(name, base64.encodeToString(bytes)));
    return Json.pretty(document);
  }

  /**
   * Reads and verifies what {@link #write} wrote: every signature and hash. The expiry is the
   * caller's to judge.
   *
   * @throws BullaException {@link ErrorCode#TRUST_METADATA_INVALID}
   */
  static KeptTrust parse(byte[] json) {
    return Refused.unreadable(
        WHAT,
        () -> {
          Fields document =
              Fields.of(Json.parse(json, WHAT), WHAT)
                  .only(
                      "version", "metadataUrl", "targetsUrl", "refreshedAt", "metadata", "targets");
          if (document.integer("version") != 1) {
            throw document.invalid("version", "unknown");
          }
          TrustedMetadata metadata = TrustedMetadata.verify(decoded(document, "metadata"));
          Map<String, byte[]> targets = decoded(document, "targets");
          targets.forEach((name, bytes) -> {
            TargetFile file = metadata.targets().files().get(name);
            if (file == null || !file.matches(bytes)) {
              throw Refused.invalid(name, "not what the targets say");
            }
          });
          return new KeptTrust(
              new TrustSource(uri(document, "metadataUrl"), uri(document, "targetsUrl")),
              time(document),
              metadata,
              targets);
        });
  }

  private static Map<String, byte[]> decoded(Fields document, String name) {
    Map<String, byte[]> all = new HashMap<>();
    document
        .stringMap(name)
        .forEach((key, text) -> {
          try {
            all.put(key, Base64.getDecoder().decode(text));
          } catch (IllegalArgumentException e) {
            throw document.invalid(name, "not base64");
          }
        });
    return all;
  }

  private static URI uri(Fields document, String name) {
    try {
      return URI.create(document.string(name));
    } catch (IllegalArgumentException e) {
      throw document.invalid(name, "not an address");
    }
  }

  private static Instant time(Fields document) {
    try {
      return Instant.parse(document.string("refreshedAt"));
    } catch (DateTimeException e) {
      throw document.invalid("refreshedAt", "not a time");
    }
  }
}
