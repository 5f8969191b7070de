package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.registry.Registry;
import dev.bulla.store.Leases;
import dev.bulla.store.Records;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/**
 * The right to keep what has arrived of a large blob of a cache, for whoever asks next, in
 * whichever process. One has it at a time; others fetch the blob for their readers without keeping
 * parts.
 */
final class CachePart implements AutoCloseable {
  /** What does not keep anything. */
  static final CachePart NONE = new CachePart(Optional.empty(), Optional.empty(), Optional.empty());

  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final Duration RENEWAL = Duration.ofSeconds(8);
  private static final Duration LIFE = Duration.ofDays(7);

  private final Optional<PartialTable> table;
  private final Optional<Tenure> tenure;
  private final Optional<String> begun;

  private CachePart(Optional<PartialTable> table, Optional<Tenure> tenure, Optional<String> begun) {
    this.table = table;
    this.tenure = tenure;
    this.begun = begun;
  }

  static CachePart of(
      Records records, Leases leases, InstantSource clock, String repository, Descriptor blob) {
    if (blob.size() < BlobFetch.WORTH_KEEPING) {
      return NONE;
    }
    Optional<Leases.Lease> lease =
        leases.take("registry.cache " + repository + "@" + blob.digest(), LEASE);
    if (lease.isEmpty()) {
      return NONE;
    }
    Tenure tenure = Tenure.begin(lease.get(), LEASE, RENEWAL);
    try {
      PartialTable table = new PartialTable(records, repository, clock);
      table.forgetBefore(clock.millis() - LIFE.toMillis());
      return new CachePart(Optional.of(table), Optional.of(tenure), table.find(blob.digest()));
    } catch (RuntimeException e) {
      tenure.close();
      throw e;
    }
  }

  /** Where parts are noted; empty if none are kept. */
  Optional<PartialTable> table() {
    return table;
  }

  /** Whether a part is here. */
  boolean isBegun(Registry registry, String repository) {
    try {
      return begun.isPresent() && registry.upload(repository, begun.get()).offset() > 0;
    } catch (BullaException e) {
      if (e.code() == ErrorCode.UPLOAD_NOT_FOUND) {
        return false; // collected
      }
      throw e;
    }
  }

  /**
   * @throws BullaException {@link ErrorCode#CONFLICT} if another may be at work by now
   */
  void require() {
    tenure.ifPresent(Tenure::require);
  }

  @Override
  public void close() {
    tenure.ifPresent(Tenure::close);
  }
}
