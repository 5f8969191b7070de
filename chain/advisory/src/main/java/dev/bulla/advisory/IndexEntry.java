package dev.bulla.advisory;

import dev.bulla.core.Digest;
import java.time.Instant;
import java.util.List;

/**
 * What a set keeps in memory of each record; the rest is read when the record is asked for.
 *
 * @param digest of the record's bytes
 * @param packages in the spelling by which packages are found, without duplicates
 */
record IndexEntry(
    String id,
    Instant modified,
    boolean withdrawn,
    Digest digest,
    List<String> aliases,
    List<String> upstream,
    List<PackageKey> packages,
    RecordFile file) {

  static IndexEntry of(Advisory advisory, Digest digest, RecordFile file) {
    return new IndexEntry(
        advisory.id(),
        advisory.modified(),
        advisory.withdrawn().isPresent(),
        digest,
        advisory.aliases(),
        advisory.upstream(),
        advisory.affected().stream().map(one -> one.key().normal()).distinct().toList(),
        file);
  }

  /**
   * Of two records with one id the newer counts; of two equally new ones that with the smaller
   * digest.
   */
  IndexEntry newer(IndexEntry other) {
    int byTime = modified.compareTo(other.modified);
    return byTime > 0 || (byTime == 0 && digest.compareTo(other.digest) <= 0) ? this : other;
  }
}
