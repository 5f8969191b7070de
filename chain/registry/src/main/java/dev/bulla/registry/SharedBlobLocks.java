package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.store.Blobs;
import dev.bulla.store.Records;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/**
 * Between all processes that share the records and the blobs: a row for each holding.
 *
 * <p><b>Why rows.</b> A lock of the database ends with its connection, without whoever holds it
 * noticing in time. A row stays until somebody removes it in a transaction, and transactions follow
 * one another. So:
 *
 * <ul>
 *   <li>A pusher writes its row before it publishes, and removes it in the transaction that links.
 *       If the row is gone by then, it was taken for dead, the link is not made, and the push
 *       fails.
 *   <li>A collector writes rows for what nobody pushes, before it forgets and retires, and removes
 *       them afterwards. A pusher that finds such a row waits.
 *   <li>The row of a pusher that died keeps one digest from collection for a day, no more.
 *   <li>The row of a collector that died is passed over after {@link #COLLECTOR_DEAD}. One that was
 *       only asleep so long could then retire a file that was published again: it looks afterwards
 *       whether its rows are still there, and brings back the files of those that are not. Retired
 *       files lie in the trash for a day, from where a pull brings them back too.
 * </ul>
 *
 * <p>Ages are told by the clock of the database, which all share.
 */
final class SharedBlobLocks implements BlobLocks {
  private static final Duration COLLECTOR_DEAD = Duration.ofMinutes(5);
  private static final Duration PUSHER_DEAD = Duration.ofDays(1);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long PAUSE_MILLIS = 20;

  private static final int PUSH = 0;
  private static final int COLLECTION = 1;

  /** Milliseconds since 1970; PostgreSQL, as all databases that are shared. */
  private static final String NOW = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";

  private static final String BURY =
      "DELETE FROM blob_claim WHERE digest = ? AND (kind = %d AND at < %s - ? OR kind = %d AND at < %s - ?)"
          .formatted(COLLECTION, NOW, PUSH, NOW);

  private static final String CLAIM =
      "INSERT INTO blob_claim (digest, holder, kind, at) VALUES (?, ?, ?, %s)".formatted(NOW);

  private static final String RELEASE = "DELETE FROM blob_claim WHERE digest = ? AND holder = ?";

  private final Records records;
  private final Blobs blobs;
  private final SecureRandom random = new SecureRandom();

  SharedBlobLocks(Records records, Blobs blobs) {
    this.records = records;
    this.blobs = blobs;
  }

  @Override
  public <T> T shared(Digest digest, Function<Held, T> work) {
    String holder = newHolder();
    claimPatiently(digest, holder);
    boolean[] settled = {false};
    boolean done = false;
    try {
      T result =
          work.apply(handle -> {
            settle(handle, digest, holder);
            settled[0] = true;
          });
      done = true;
      return result;
    } finally {
      if (!settled[0] || !done) { // the transaction that settled may have been undone
        release(digest, holder);
      }
    }
  }

  @Override
  public void exclusive(List<Digest> digests, Consumer<List<Digest>> work) {
    String holder = newHolder();
    List<Digest> free =
        records.write(
            handle -> digests.stream().filter(one -> claimed(handle, one, holder)).toList());
    if (free.isEmpty()) {
      return;
    }
    try {
      work.accept(free);
    } finally {
      List<Digest> lost =
          records.write(handle ->
              free.stream()
                  .filter(one -> handle.execute(RELEASE, one.toString(), holder) != 1)
                  .toList());
      lost.forEach(blobs::revive);
    }
  }

  private void claimPatiently(Digest digest, String holder) {
    Instant end = Instant.now().plus(PATIENCE);
    while (!records.write(handle -> beginsPush(handle, digest, holder))) {
      if (Instant.now().isAfter(end)) {
        throw new BullaException(
            ErrorCode.CONFLICT,
            "blob %s is being collected by another server".formatted(digest),
            "Push it again.");
      }
      pause();
    }
  }

  private static boolean beginsPush(Handle handle, Digest digest, String holder) {
    bury(handle, digest);
    if (has(handle, digest, "SELECT 1 FROM blob_claim WHERE digest = ? AND kind = " + COLLECTION)) {
      return false;
    }
    handle.execute(CLAIM, digest.toString(), holder, PUSH);
    return true;
  }

  private static boolean claimed(Handle handle, Digest digest, String holder) {
    bury(handle, digest);
    if (has(handle, digest, "SELECT 1 FROM blob_claim WHERE digest = ? LIMIT 1")) {
      return false;
    }
    handle.execute(CLAIM, digest.toString(), holder, COLLECTION);
    return true;
  }

  private static void bury(Handle handle, Digest digest) {
    handle.execute(BURY, digest.toString(), COLLECTOR_DEAD.toMillis(), PUSHER_DEAD.toMillis());
  }

  private static boolean has(Handle handle, Digest digest, String sql) {
    return handle.select(sql, digest.toString()).mapTo(Integer.class).findFirst().isPresent();
  }

  private static void settle(Handle handle, Digest digest, String holder) {
    if (handle.execute(RELEASE, digest.toString(), holder) != 1) {
      throw new BullaException(
          ErrorCode.CONFLICT, "storing " + digest + " took longer than a day", "Push it again.");
    }
  }

  private void release(Digest digest, String holder) {
    try {
      records.write(handle -> handle.execute(RELEASE, digest.toString(), holder));
    } catch (BullaException e) {
      // it is passed over in a day; the failure of the work is the one to report
    }
  }

  private String newHolder() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BullaException(ErrorCode.INTERNAL, "interrupted while waiting for a collection", e);
    }
  }
}
