package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * An upload into segments, hashed while it is written.
 *
 * <p><b>Truth.</b> What counts is the {@link S3UploadState} in the bucket; this object remembers
 * the version it read or wrote last, and a running hash that belongs to it. A segment's object is
 * written once, under a name that nobody else chooses, so the content behind a state cannot change.
 * A state is written on the condition that it is still the one that is known here; where the server
 * knows no conditions, the later of two writers wins, and what is committed is the content of the
 * state that was verified, whoever wrote it.
 *
 * <p><b>Hash.</b> The hash runs while bytes arrive. When a request ends, the digest of all bytes so
 * far is part of the state, so that another replica can commit them without reading. Only if bytes
 * are added where the running hash is not (after a restart, or on another replica) does the commit
 * read the segments again.
 */
final class S3Upload implements Blobs.Upload {
  private static final int BUFFER = 128 * 1024;
  private static final long PATIENCE_SECONDS = 5;

  private final S3Blobs blobs;
  private final String id;
  private final ReentrantLock lock = new ReentrantLock();
  private S3UploadState state;
  private String etag;
  private MessageDigest hash;
  private Digest.Algorithm algorithm;

  /** How many bytes the hash covers; less than nothing if it belongs to other bytes. */
  private long hashed;

  /** The number of bytes after which the request ends; less than nothing while that is unknown. */
  private long finishing = -1;

  private boolean ended;
  private volatile long offset;

  /** Of an upload whose state was just read or written. */
  S3Upload(S3Blobs blobs, String id, S3UploadState state, String etag) {
    this.blobs = blobs;
    this.id = id;
    this.state = state;
    this.etag = etag;
    this.algorithm = state.likely();
    this.hash = algorithm.newHash();
    this.offset = state.offset();
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public long offset() {
    return offset;
  }

  /** To be called for an upload of another process: no hash runs here. */
  void forgetHash() {
    hashed = offset == 0 ? 0 : -1;
  }

  /** Looks at the state in the bucket; false if there is none any more. */
  boolean refresh() {
    if (!lock.tryLock()) {
      return !ended; // it is being written here, so what is known here is the newest
    }
    try {
      if (ended) {
        return false;
      }
      Optional<S3Bucket.Small> found = blobs.readState(id);
      if (found.isEmpty()) {
        end();
        return false;
      }
      if (!found.get().etag().equals(etag)) {
        take(S3UploadState.parse(found.get().bytes()), found.get().etag());
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void take(S3UploadState found, String version) {
    if (!found.revision().equals(state.revision())) {
      hashed = -1;
    }
    state = found;
    etag = version;
    offset = found.offset();
  }

  @Override
  public long append(OptionalLong at, InputStream in) throws IOException {
    enter();
    try {
      if (at.isPresent() && at.getAsLong() != offset) {
        throw new BullaException(
            ErrorCode.RANGE_INVALID,
            "upload %s: the chunk begins at %d, expected %d".formatted(id, at.getAsLong(), offset),
            "Ask the upload for its offset and go on from there.");
      }
      try (S3SegmentWriter writer =
          new S3SegmentWriter(blobs, id, state.segments(), this::stored)) {
        byte[] bytes = blobs.copyBuffers().take();
        try {
          copy(in, writer, bytes);
        } finally {
          blobs.copyBuffers().give(bytes);
        }
      }
      return offset;
    } finally {
      if (hashed != offset) {
        hashed = -1; // it ran ahead of what could be stored
      }
      lock.unlock();
    }
  }

  private void copy(InputStream in, S3SegmentWriter writer, byte[] bytes) throws IOException {
    long arrived = offset;
    while (true) {
      int n;
      try {
        n = in.read(bytes);
      } catch (IOException | RuntimeException e) {
        finish(writer, arrived);
        throw e;
      }
      if (n < 0) {
        finish(writer, arrived);
        return;
      }
      writer.write(bytes, n);
      if (hashed == arrived) {
        hash.update(bytes, 0, n);
        hashed += n;
      }
      arrived += n;
    }
  }

  private void finish(S3SegmentWriter writer, long arrived) {
    finishing = arrived;
    try {
      writer.finish();
    } finally {
      finishing = -1;
    }
  }

  /** One more segment is in the bucket. */
  private void stored(List<S3UploadState.Segment> segments) {
    long size = segments.stream().mapToLong(S3UploadState.Segment::size).sum();
    Optional<Digest> digest =
        size == finishing && hashed == size ? Optional.of(current()) : Optional.empty();
    save(new S3UploadState(blobs.revision(), state.likely(), segments, digest));
  }

  private Digest current() {
    return Digest.ofHash(algorithm, cloneOf(hash).digest());
  }

  /** Writes the state, unless somebody else has written one meanwhile. */
  private void save(S3UploadState next) {
    try {
      etag = blobs.writeState(id, next, etag);
    } catch (SdkException e) {
      if (!S3Faults.isOvertaken(e) && !S3Faults.isAbsent(e)) {
        throw S3Faults.of(e, "writing the state of upload " + id);
      }
      etag = versionOf(next);
    }
    state = next;
    offset = next.offset();
  }

  /** The version of a state whose writing was refused: it may be ours, written before. */
  private String versionOf(S3UploadState mine) {
    Optional<S3Bucket.Small> found = blobs.readState(id);
    if (found.isEmpty()) {
      end();
      throw ended();
    }
    S3UploadState theirs = S3UploadState.parse(found.get().bytes());
    if (!theirs.revision().equals(mine.revision())) {
      take(theirs, found.get().etag());
      throw new BullaException(
          ErrorCode.CONFLICT, "upload " + id + " is being written by another replica");
    }
    return found.get().etag();
  }

  @Override
  public long commit(Digest digest) {
    enter();
    try {
      Digest found = digestBy(digest.algorithm());
      if (!found.equals(digest)) {
        long size = offset;
        drop();
        throw new BullaException(
            ErrorCode.DIGEST_MISMATCH,
            "upload %s: the %d bytes have digest %s, expected %s"
                .formatted(id, size, found, digest),
            "Upload the content again.");
      }
      if (!blobs.publish(id, state.segments(), digest)) {
        end();
        throw ended();
      }
      try {
        drop();
      } catch (BullaException e) {
        end(); // the content is stored; what is left of the upload expires
      }
      return offset;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void abort() {
    enter();
    try {
      drop();
    } finally {
      lock.unlock();
    }
  }

  private Digest digestBy(Digest.Algorithm wanted) {
    if (algorithm == wanted && hashed == offset) {
      return current();
    }
    if (state.digest().isPresent() && state.digest().get().algorithm() == wanted) {
      return state.digest().get();
    }
    algorithm = wanted;
    hash = wanted.newHash();
    hashed = 0;
    byte[] bytes = new byte[BUFFER];
    for (S3UploadState.Segment segment : state.segments()) {
      try (InputStream in = blobs.read(id, segment)) {
        for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
          hash.update(bytes, 0, n);
          hashed += n;
        }
      } catch (IOException e) {
        hashed = -1;
        throw S3Faults.of(e, "reading upload " + id);
      }
    }
    return current();
  }

  private static MessageDigest cloneOf(MessageDigest hash) {
    try {
      return (MessageDigest) hash.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the SHA-2 family of this Java runtime cannot be cloned", e);
    }
  }

  private void drop() {
    blobs.forget(id, state);
    end();
  }

  private void end() {
    ended = true;
    blobs.ended(id);
  }

  private BullaException ended() {
    return new BullaException(ErrorCode.UPLOAD_NOT_FOUND, "upload " + id + " has ended");
  }

  private void enter() {
    boolean entered;
    try {
      entered = lock.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      entered = false;
    }
    if (!entered) {
      throw new BullaException(
          ErrorCode.CONFLICT, "upload " + id + " is being written by another request");
    }
    if (ended) {
      lock.unlock();
      throw ended();
    }
  }
}
