package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Tells what other processes changed in records that are shared, so that what was read may be kept
 * in memory and is never believed wrongly.
 *
 * <p><b>How.</b> A write names what it changes, a topic, in its own transaction: {@link #mark}. A
 * process asks the database once for each request which topics were marked since it last asked:
 * {@link #refresh}, and the topics have a new {@link #generation} then. What is kept carries the
 * generation that was current before it was read, and counts only while that is still current. So
 * whoever asks after a write was acknowledged, by whatever process, sees it.
 *
 * <p><b>Cost.</b> Requests that arrive while the database is being asked share the next question,
 * so the database sees two questions at a time however many requests there are. Work that is no
 * request and does not refresh sees changes of others within {@value #STALE_MILLIS} ms.
 *
 * <p>Topics share {@value #SLOTS} rows by hash; a collision costs a reading, no more. Records with
 * one writer need none of this: nothing is marked and nothing asked. Thread-safe.
 */
public final class Changes {
  private static final int SLOTS = 1024;
  private static final long STALE_MILLIS = 1_000;

  private static final String MARK =
      """
      INSERT INTO change (slot, seq) VALUES (?, nextval('change_seq'))
      ON CONFLICT (slot) DO UPDATE SET seq = excluded.seq\
      """;

  /** Of records that nobody else writes. */
  public static final Changes NONE = new Changes();

  private record Change(int slot, long sequence) {}

  private final @Nullable Records shared;
  private final AtomicLongArray generations = new AtomicLongArray(SLOTS);
  private final ReentrantLock asking = new ReentrantLock();

  /** Questions that were begun, and the number of the last one that was answered. */
  private volatile long begun;

  private volatile long answered;
  private long failed;
  private @Nullable BullaException failure;
  private volatile long answeredAt = System.nanoTime();
  private long last;

  private Changes() {
    this.shared = null;
  }

  /**
   * @param records that others write, too
   */
  Changes(Records records) {
    this.shared = records;
    this.last =
        records.read(handle ->
            handle.select("SELECT coalesce(max(seq), 0) FROM change").mapTo(Long.class).one());
  }

  /** Says, inside the transaction of {@code handle}, that what was read of {@code topic} is old. */
  public void mark(Handle handle, String topic) {
    if (shared != null) {
      handle.execute(MARK, slot(topic));
    }
  }

  /**
   * Says the same to this process alone, at once; to be called after the commit, also when it
   * failed, since it may have got through.
   */
  public void changed(String topic) {
    generations.incrementAndGet(slot(topic));
  }

  /** Raised by every change of the topic that was heard of. */
  public long generation(String topic) {
    if (shared != null
        && System.nanoTime() - answeredAt > Duration.ofMillis(STALE_MILLIS).toNanos()) {
      refresh();
    }
    return generations.get(slot(topic));
  }

  /**
   * Hears of all that was changed before this call.
   *
   * @throws BullaException {@link ErrorCode#RECORDS_UNAVAILABLE}: nothing that is kept may be
   *     believed then
   */
  public void refresh() {
    if (shared == null) {
      return;
    }
    long arrived = begun;
    asking.lock();
    try {
      if (answered > arrived) {
        return; // a question that was begun after we came has been answered
      }
      BullaException fault = failure;
      if (fault != null && failed > arrived) {
        throw fault; // it was begun after we came, too: no need to wait for another
      }
      long number = begun + 1;
      begun = number;
      try {
        ask(shared);
      } catch (BullaException e) {
        failed = number;
        failure = e;
        throw e;
      }
      failure = null;
      answered = number;
      answeredAt = System.nanoTime();
    } finally {
      asking.unlock();
    }
  }

  private void ask(Records records) {
    List<Change> changes =
        records.read(handle ->
            handle
                .select("SELECT slot, seq FROM change WHERE seq > ?", last)
                .map((row, context) -> new Change(row.getInt(1), row.getLong(2)))
                .list());
    for (Change change : changes) {
      generations.incrementAndGet(change.slot());
      last = Math.max(last, change.sequence());
    }
  }

  private static int slot(String topic) {
    return Math.floorMod(topic.hashCode(), SLOTS);
  }
}
