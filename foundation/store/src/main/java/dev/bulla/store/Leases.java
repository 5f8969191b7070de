package dev.bulla.store;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The right to be the only one that does something, for a time.
 *
 * <p>A lease is a row that names its holder and its end. Whoever does work that must not be done
 * twice at once takes the lease, renews it between steps, and stops when it cannot: another may
 * have taken over after the end. A lease bounds duplicate work; it is not what makes the work safe,
 * since a clock may jump. Steps that change anything check their own preconditions in the
 * transaction that changes it. Thread-safe.
 */
public final class Leases {
  private static final String TAKE =
      """
      INSERT INTO lease (name, holder, until) VALUES (?, ?, ?)
      ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
       WHERE lease.until <= ? OR lease.until > ?\
      """;

  /** An end further away than this was written by a clock that was wrong. */
  private static final Duration LONGEST = Duration.ofDays(1);

  private final Records records;
  private final InstantSource clock;
  private final SecureRandom random;

  public Leases(Records records, InstantSource clock, SecureRandom random) {
    this.records = records;
    this.clock = clock;
    this.random = random;
  }

  /**
   * Takes a lease; empty if another holds it.
   *
   * @param length at most a day
   */
  public Optional<Lease> take(String name, Duration length) {
    if (length.compareTo(LONGEST) > 0 || !length.isPositive()) {
      throw new IllegalArgumentException("a lease of " + length);
    }
    byte[] id = new byte[16];
    random.nextBytes(id);
    Lease lease = new Lease(name, HexFormat.of().formatHex(id), length);
    Instant now = clock.instant();
    boolean taken =
        records.write(handle ->
            handle.execute(
                    TAKE,
                    name,
                    lease.holder,
                    now.plus(length).toEpochMilli(),
                    now.toEpochMilli(),
                    now.plus(LONGEST).toEpochMilli())
                == 1);
    return taken ? Optional.of(lease) : Optional.empty();
  }

  /**
   * Ends a lease whose holder is known to be dead: whoever holds the lock of a home knows that of
   * all earlier processes.
   */
  public void end(String name) {
    records.write(handle -> handle.execute("DELETE FROM lease WHERE name = ?", name));
  }

  /** A lease that was taken; closing it gives it back. */
  public final class Lease implements AutoCloseable {
    private final String name;
    private final String holder;
    private final Duration length;

    private Lease(String name, String holder, Duration length) {
      this.name = name;
      this.holder = holder;
      this.length = length;
    }

    /** Moves the end; false if another has taken it. */
    public boolean renew() {
      long until = clock.instant().plus(length).toEpochMilli();
      return records.write(handle ->
          handle.execute(
                  "UPDATE lease SET until = ? WHERE name = ? AND holder = ?", until, name, holder)
              == 1);
    }

    @Override
    public void close() {
      records.write(handle ->
          handle.execute("DELETE FROM lease WHERE name = ? AND holder = ?", name, holder));
    }
  }
}
