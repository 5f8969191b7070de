package dev.bulla.inventory;

import dev.bulla.inventory.archive.PathHash;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which distribution package put a file where it is.
 *
 * <p>Ownership is void when the file lies in a higher layer than the list that names it, or when
 * its MD5 is not the one that the package recorded: then somebody else has replaced the file.
 */
final class Ownership {
  private static final String[] MERGED = {"usr/lib/", "usr/bin/", "usr/sbin/", "usr/lib64/"};

  /**
   * One claim to a file.
   *
   * @param layer of the database or list that makes it
   */
  private record Claim(String owner, int layer) {}

  private final PathHash hash;
  private final Map<Long, Claim> claims = new HashMap<>();
  private final Map<Long, Long> sums = new HashMap<>();

  Ownership(PathHash hash) {
    this.hash = hash;
  }

  /** Notes that {@code owner} lists these paths. */
  void claim(String owner, int layer, long[] paths) {
    Claim claim = new Claim(owner, layer);
    for (long path : paths) {
      claims.merge(path, claim, (before, now) -> now.layer() >= before.layer() ? now : before);
    }
  }

  /** Notes recorded checksums; {@code values} are the first eight bytes of each file's MD5. */
  void record(long[] paths, long[] values) {
    for (int i = 0; i < values.length; i++) {
      sums.put(paths[i], values[i]);
    }
  }

  /**
   * The owner of a file.
   *
   * @param md5 first eight bytes of its MD5, 0 if unknown
   */
  Optional<String> ownerOf(String path, int layer, long md5) {
    Optional<String> owner = at(path, layer, md5);
    if (owner.isPresent()) {
      return owner;
    }
    for (String merged : MERGED) {
      if (path.startsWith(merged)) {
        return at(path.substring(4), layer, md5);
      }
    }
    return Optional.empty();
  }

  private Optional<String> at(String path, int layer, long md5) {
    long key = hash.of(path);
    Claim claim = claims.get(key);
    if (claim == null || layer > claim.layer()) {
      return Optional.empty();
    }
    Long recorded = sums.get(key);
    return recorded != null && md5 != 0 && recorded != md5
        ? Optional.empty()
        : Optional.of(claim.owner());
  }
}
