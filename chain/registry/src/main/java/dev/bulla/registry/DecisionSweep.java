package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.store.Leases;
import dev.bulla.store.Records;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Takes decisions anew that have ended (a certificate, an age, an exception), that were taken by
 * other bindings, or that wait because of a push, before somebody asks; so that what is no longer
 * admitted is an event at once, and what nobody signs is EXPIRED in time.
 *
 * <p>One pass does so much and no more, the oldest first; of several processes one makes it. What
 * cannot be decided is left alone for a while. Thread-safe.
 */
final class DecisionSweep {
  private static final String LEASE = "registry.trust.sweep";
  private static final Duration LEASE_LENGTH = Duration.ofMinutes(2);
  private static final Duration LONGEST_PASS = Duration.ofSeconds(10);
  private static final Duration FAILED_REST = Duration.ofMinutes(10);
  private static final Duration PENDING_PERIOD = Duration.ofHours(1);
  private static final int MANY_FAILED = 1_000;

  private static final String SELECT =
      "SELECT r.name, a.digest FROM admission a JOIN repository r ON r.id = a.repository ";

  private static final String WAITING =
      SELECT + "WHERE a.epoch = 0 AND a.state <> 'EVIDENCE' ORDER BY a.digest LIMIT ?";

  private static final String ENDED =
      SELECT + "WHERE a.state = 'ADMITTED' AND a.valid_until <= ? ORDER BY a.valid_until LIMIT ?";

  private static final String OLD =
      SELECT
          + "WHERE a.epoch < ? AND a.state <> 'EVIDENCE' AND a.state = 'ADMITTED'"
          + " ORDER BY a.epoch LIMIT ?";

  private static final String FORGOTTEN =
      SELECT
          + "JOIN manifest m ON m.repository = a.repository AND m.digest = a.digest"
          + " WHERE a.state = 'PENDING' AND a.valid_until <= ? AND m.pushed <= ?"
          + " ORDER BY m.pushed LIMIT ?";

  /** Whose decisions nobody asks for, since nothing decides there. */
  private static final String REST =
      "UPDATE admission SET epoch = ?, valid_until = ? WHERE digest = ? AND state <> 'EVIDENCE'"
          + " AND repository = (SELECT id FROM repository WHERE name = ?)";

  private record Item(String repository, Digest digest) {}

  private final Records records;
  private final Decisions decisions;
  private final Bindings bindings;
  private final Leases leases;
  private final InstantSource clock;
  private final Map<Item, Instant> failed = new HashMap<>();
  private Instant pendingNext = Instant.MIN;

  DecisionSweep(Records records, Decisions decisions, Bindings bindings, InstantSource clock) {
    this.records = records;
    this.decisions = decisions;
    this.bindings = bindings;
    this.leases = new Leases(records, clock, new SecureRandom());
    this.clock = clock;
  }

  /**
   * One pass.
   *
   * @param limit of decisions that are looked at
   * @return how many were looked at; 0 also if another process makes a pass
   */
  synchronized int run(int limit) {
    if (bindings.current().all().isEmpty()) {
      return 0;
    }
    Optional<Leases.Lease> lease = leases.take(LEASE, LEASE_LENGTH);
    if (lease.isEmpty()) {
      return 0;
    }
    try (Leases.Lease held = lease.get()) {
      long end = System.nanoTime() + LONGEST_PASS.toNanos();
      int looked = 0;
      for (Item item : due(limit)) {
        if (looked == limit || System.nanoTime() > end || Thread.currentThread().isInterrupted()) {
          break;
        }
        look(item);
        looked++;
      }
      return looked;
    }
  }

  private Set<Item> due(int limit) {
    Instant now = clock.instant();
    failed.values().removeIf(until -> !until.isAfter(now));
    long at = now.toEpochMilli();
    int more = limit + failed.size();
    Set<Item> all = new LinkedHashSet<>(find(WAITING, more));
    all.addAll(find(ENDED, at, more));
    all.addAll(find(OLD, bindings.current().epoch(), more));
    if (!now.isBefore(pendingNext)) {
      List<Item> forgotten =
          find(FORGOTTEN, at, now.minus(Decisions.PENDING_LIFE).toEpochMilli(), more);
      all.addAll(forgotten);
      pendingNext = forgotten.size() < more ? now.plus(PENDING_PERIOD) : Instant.MIN;
    }
    all.removeAll(failed.keySet());
    return all;
  }

  private List<Item> find(String sql, Object... arguments) {
    return records.read(handle ->
        handle
            .select(sql, arguments)
            .map((row, context) -> new Item(row.getString(1), Digest.parse(row.getString(2))))
            .list());
  }

  private void look(Item item) {
    if (bindings.current().of(item.repository).filter(Binding::decides).isEmpty()) {
      records.write(handle ->
          handle.execute(
              REST,
              bindings.current().epoch(),
              clock.instant().plus(Decisions.LIFE).toEpochMilli(),
              item.digest.toString(),
              item.repository));
      return;
    }
    try {
      decisions.admission(item.repository, item.digest);
    } catch (BullaException e) {
      System.getLogger("bulla.registry")
          .log(
              System.Logger.Level.WARNING,
              "judging %s@%s".formatted(item.repository, item.digest),
              e);
      if (failed.size() < MANY_FAILED) {
        failed.put(item, clock.instant().plus(FAILED_REST));
      }
    }
  }
}
