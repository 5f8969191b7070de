package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.store.Leases;
import java.time.Duration;

/**
 * A lease that is renewed while somebody works under it, however long one step takes. Whoever works
 * asks {@link #require} between steps: when another process has taken the lease, or nobody could be
 * asked for as long as it lasts, the work ends there. Thread-safe.
 */
final class Tenure implements AutoCloseable {
  private final Leases.Lease lease;
  private final Duration length;
  private final Duration renewal;
  private final Thread renewing;
  private volatile boolean lost;

  private Tenure(Leases.Lease lease, Duration length, Duration renewal) {
    this.lease = lease;
    this.length = length;
    this.renewal = renewal;
    this.renewing = Thread.ofVirtual().name("lease").unstarted(this::renew);
  }

  /**
   * @param lease just taken; closed with this
   * @param length how long it lasts without a renewal
   */
  static Tenure begin(Leases.Lease lease, Duration length, Duration renewal) {
    Tenure tenure = new Tenure(lease, length, renewal);
    tenure.renewing.start();
    return tenure;
  }

  private void renew() {
    long since = System.nanoTime();
    try {
      while (!lost) {
        Thread.sleep(renewal);
        try {
          if (lease.renew()) {
            since = System.nanoTime();
          } else {
            lost = true;
          }
        } catch (BullaException e) {
          // a database that is away for a moment; the lease ends by itself
          lost = System.nanoTime() - since >= length.minus(renewal).toNanos();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether another may be at work by now. */
  boolean lost() {
    return lost || Thread.currentThread().isInterrupted();
  }

  /**
   * @throws BullaException {@link ErrorCode#CONFLICT} if this process may not go on
   */
  void require() {
    if (lost()) {
      throw new BullaException(ErrorCode.CONFLICT, "another process goes on with this replication");
    }
  }

  @Override
  public void close() {
    renewing.interrupt();
    lease.close();
  }
}
