package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.store.Blobs;
import dev.bulla.store.Records;
import java.io.FilterInputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/**
 * Takes the bytes of uploads within the quotas of their projects.
 *
 * <p>Room is taken before bytes are: for a length that was announced all at once, otherwise {@value
 * #STEP} bytes ahead, or what is left of the quota. So uploads under way cannot go beyond a quota
 * together, at whatever replicas they are and whenever these start anew: the rows are the truth.
 * The transaction that links the blob gives the room back and counts the blob.
 *
 * <p>An upload that took no byte for {@link #RESTING} holds no room; it takes it anew if it goes
 * on. One for which there is no room ends. Projects without a quota of bytes cost one look-up.
 * Thread-safe.
 */
public final class UploadRoom {
  static final long STEP = 4L * 1024 * 1024;
  static final Duration RESTING = Duration.ofHours(1);
  private static final Duration TOUCH = Duration.ofMinutes(5);

  private static final String TAKE =
      """
      INSERT INTO upload_room (upload, project, bytes, at) VALUES (?, ?, ?, ?)
      ON CONFLICT (upload) DO UPDATE
         SET project = excluded.project, bytes = excluded.bytes, at = excluded.at\
      """;

  private static final String TAKEN =
      """
      SELECT coalesce(sum(bytes), 0) FROM upload_room
       WHERE project = ? AND at >= ? AND upload <> ?\
      """;

  private final Records records;
  private final InstantSource clock;

  UploadRoom(Records records, InstantSource clock) {
    this.records = records;
    this.clock = clock;
  }

  /**
   * Appends all of a body.
   *
   * @throws BullaException {@link ErrorCode#QUOTA_EXCEEDED}, and the upload is gone; else as {@link
   *     Blobs.Upload#append}
   */
  public void append(String repository, Blobs.Upload upload, UploadBody body) throws IOException {
    if (!isLimited(repository, body)) {
      upload.append(body.at(), body.bytes());
      return;
    }
    try {
      Metered metered = new Metered(repository, upload, body);
      upload.append(body.at(), metered);
    } catch (BullaException e) {
      if (e.code() == ErrorCode.QUOTA_EXCEEDED) {
        abort(repository, upload);
      }
      throw e;
    }
  }

  /** Ends an upload and frees its room. */
  public void abort(String repository, Blobs.Upload upload) {
    upload.abort();
    release(repository, upload.id());
  }

  /** Frees the room of an upload that has ended. */
  void release(String repository, String upload) {
    try {
      if (records.read(handle -> Quotas.applies(handle, repository))) {
        records.write(handle -> giveBack(handle, upload));
      }
    } catch (BullaException e) {
      // it is free in an hour; what ended the upload is what there is to tell
    }
  }

  // In a transaction of others

  /** The bytes that running uploads other than {@code own} have of a quota. */
  static long taken(Handle handle, String project, Instant now, String own) {
    return handle
        .select(TAKEN, project, now.minus(RESTING).toEpochMilli(), own)
        .mapTo(Long.class)
        .one();
  }

  /** The upload has ended. */
  static int giveBack(Handle handle, String upload) {
    return handle.execute("DELETE FROM upload_room WHERE upload = ?", upload);
  }

  /** Forgets what rests; what a clock that was ahead wrote, too. */
  static int forgetResting(Handle handle, Instant now) {
    return handle.execute(
        "DELETE FROM upload_room WHERE at < ? OR at > ?",
        now.minus(RESTING).toEpochMilli(),
        now.plus(RESTING).toEpochMilli());
  }

  /** What the project has already costs nothing. */
  private boolean isLimited(String repository, UploadBody body) {
    return records.read(handle ->
        Quotas.limitsBytes(handle, repository)
            && body.digest()
                .filter(digest -> Quotas.isLinked(handle, repository, digest.toString()))
                .isEmpty());
  }

  /**
   * Takes room for the first bytes of an upload.
   *
   * @param need how many it must be
   * @param wish how many would be good
   * @return how many it is
   */
  private long take(String repository, String upload, long need, long wish) {
    return records.write(handle -> {
      OptionalLong free = Quotas.freeBytes(handle, repository, clock.instant(), upload);
      if (free.isEmpty()) {
        return Long.MAX_VALUE;
      }
      if (need > free.getAsLong()) {
        throw Quotas.exceeded(
            Projects.of(repository),
            "bytes, of which %d are free beside the uploads under way, and this one needs %d"
                .formatted(Math.max(0, free.getAsLong()), need));
      }
      long bytes = Math.min(Math.max(need, wish), free.getAsLong());
      handle.execute(TAKE, upload, Projects.of(repository), bytes, clock.millis());
      return bytes;
    });
  }

  /** Takes room as bytes come. */
  private final class Metered extends FilterInputStream {
    private final String repository;
    private final String upload;
    private long end;
    private long room;
    private Instant touched;

    Metered(String repository, Blobs.Upload upload, UploadBody body) {
      super(body.bytes());
      this.repository = repository;
      this.upload = upload.id();
      this.end = upload.offset();
      long need = end + Math.max(0, body.length().orElse(0));
      this.room =
          take(repository, this.upload, need, body.length().isPresent() ? need : need + STEP);
      this.touched = clock.instant();
    }

    @Override
    public int read(byte[] bytes, int from, int count) throws IOException {
      int n = super.read(bytes, from, count);
      if (n > 0) {
        came(n);
      }
      return n;
    }

    @Override
    public int read() throws IOException {
      int one = super.read();
      if (one >= 0) {
        came(1);
      }
      return one;
    }

    @Override
    public long skip(long count) {
      throw new UnsupportedOperationException("bytes of an upload are not passed over");
    }

    private void came(int count) {
      end += count;
      boolean rested = touched.plus(TOUCH).isBefore(clock.instant());
      if (end > room || rested) {
        room = take(repository, upload, end, end > room ? end + STEP : room);
        touched = clock.instant();
      }
    }
  }
}
