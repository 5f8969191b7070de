package dev.bulla.registry.replication;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.registry.Eviction;
import dev.bulla.registry.Registry;
import dev.bulla.store.Leases;
import dev.bulla.store.Records;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Keeps caches within their bounds. One process at a time does. Thread-safe. */
public final class CacheEviction {
  private static final String LEASE = "registry.cache.eviction";
  private static final Duration LENGTH = Duration.ofSeconds(30);
  private static final Duration RENEWAL = Duration.ofSeconds(8);
  private static final Duration EVERY = Duration.ofMinutes(10);

  private final Registry registry;
  private final CacheTable table;
  private final Leases leases;

  public CacheEviction(Registry registry, Records records, InstantSource clock) {
    this.registry = registry;
    this.table = new CacheTable(records);
    this.leases = new Leases(records, clock, new SecureRandom());
  }

  /**
   * Removes what is beyond the bounds of caches.
   *
   * @param project one of them, or the empty string for all
   * @param dryRun tells only
   * @throws BullaException {@link ErrorCode#CONFLICT} if another process does this just now; {@code
   *     ROUTE_NOT_FOUND} if the project is no cache
   */
  public List<Eviction.Report> run(String project, boolean dryRun) {
    List<CacheProject> caches =
        table.all().stream()
            .filter(one -> project.isEmpty() || one.project().equals(project))
            .toList();
    if (caches.isEmpty() && !project.isEmpty()) {
      throw new BullaException(
          ErrorCode.ROUTE_NOT_FOUND, "project " + Shown.text(project) + " is no cache");
    }
    Leases.Lease lease =
        leases
            .take(LEASE, LENGTH)
            .orElseThrow(() ->
                new BullaException(
                    ErrorCode.CONFLICT, "another process makes room in caches just now"));
    try (Tenure tenure = Tenure.begin(lease, LENGTH, RENEWAL)) {
      List<Eviction.Report> reports = new ArrayList<>();
      for (CacheProject one : caches) {
        tenure.require();
        reports.add(
            registry.eviction().run(one.project(), one.bounds(), CacheTable::isCopied, dryRun));
      }
      return reports;
    }
  }

  /** Bytes that the images of a cache take. */
  public long usedBytes(CacheProject cache) {
    return registry.eviction().usedBytes(cache.project());
  }

  /** Makes room once in a while, until it is closed. */
  public AutoCloseable start() {
    Thread thread = Thread.ofVirtual().name("eviction").start(this::repeat);
    return () -> {
      thread.interrupt();
      thread.join(Duration.ofSeconds(10));
    };
  }

  private void repeat() {
    try {
      while (true) {
        Thread.sleep(EVERY);
        try {
          run("", false);
        } catch (BullaException e) {
          if (e.code() != ErrorCode.CONFLICT) {
            System.getLogger("bulla.registry")
                .log(System.Logger.Level.WARNING, "eviction from caches: " + e.reason());
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
