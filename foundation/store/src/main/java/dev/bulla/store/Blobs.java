package dev.bulla.store;

import dev.bulla.core.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Content by digest: written once, never changed.
 *
 * <p>A blob is visible only after {@link Upload#commit} has verified it and made it durable; half
 * of a blob is never visible. All methods are thread-safe. A failing disk is a {@link
 * dev.bulla.core.BullaException} with {@code DISK_FULL}, {@code HOME_UNUSABLE} or {@code INTERNAL},
 * a failing server one with {@code BLOBS_UNAVAILABLE}.
 */
public interface Blobs extends AutoCloseable {

  /**
   * Starts to write a blob.
   *
   * @param likely the algorithm of the digest that will be committed; another works too, but costs
   *     a second reading
   */
  default Upload begin(Digest.Algorithm likely) {
    byte[] id = new byte[16];
    new SecureRandom().nextBytes(id);
    return begin(HexFormat.of().formatHex(id), likely);
  }

  /**
   * Begins an upload under a name that the caller has chosen.
   *
   * @param id 32 lower-case hexadecimal characters, never used before
   */
  Upload begin(String id, Digest.Algorithm likely);

  /**
   * An upload that was begun before, in this process or an earlier one; empty if it was committed
   * or aborted.
   */
  Optional<Upload> resume(String id);

  /** The ids of all uploads that can be resumed. */
  List<String> uploads();

  /** The ids of those that have taken no byte since {@code before}. */
  List<String> restingUploads(Instant before);

  /**
   * Drops the uploads that have taken no byte since {@code before} and are not written just now.
   */
  void expireUploads(Instant before);

  /** The content; empty if there is none. The caller closes it. */
  Optional<Blob> open(Digest digest);

  /** The size in bytes; empty if there is no such blob. */
  OptionalLong size(Digest digest);

  /** Removes the content; false if there was none. Readers that have it open can read on. */
  boolean delete(Digest digest);

  /**
   * Takes the content out of sight without freeing it yet; false if there was none. {@link #revive}
   * brings it back until {@link #purge} frees it.
   */
  boolean retire(Digest digest, Instant now);

  /**
   * Brings retired content back, if there is some and it still is what its digest says; false
   * otherwise.
   */
  boolean revive(Digest digest);

  /**
   * Frees what was retired more than {@code age} before {@code now}; returns the number of bytes.
   * What was retired after {@code now}, by a clock that was ahead, counts as retired now.
   */
  long purge(Duration age, Instant now);

  /** Bytes of retired content. */
  long retiredBytes();

  /**
   * Takes damaged content out of sight and keeps it for whoever looks into the damage; false if
   * there was none.
   */
  boolean setAside(Digest digest, Instant now);

  /** When the content became visible; empty if there is none. */
  Optional<Instant> since(Digest digest);

  /**
   * All digests, in no order; the caller closes the stream. Blobs that come or go meanwhile may be
   * missed.
   */
  Stream<Digest> list();

  /** Frees what the process holds; the content stays. */
  @Override
  default void close() {}

  /** A blob that is being written. Its methods exclude each other. */
  interface Upload {
    /** Names the upload for {@link Blobs#resume}: 32 characters that cannot be guessed. */
    String id();

    /** Bytes that have been taken so far. */
    long offset();

    /**
     * Appends all of {@code in}, in constant memory. Bytes that arrived before a failure of {@code
     * in} stay.
     *
     * @param at the offset that the caller believes in; nothing is read if it is another
     * @return the new offset
     * @throws dev.bulla.core.BullaException {@code RANGE_INVALID} if {@code at} is not the offset,
     *     {@code CONFLICT} if another append is running, {@code UPLOAD_NOT_FOUND} if the upload has
     *     ended
     * @throws IOException if {@code in} fails
     */
    long append(OptionalLong at, InputStream in) throws IOException;

    /**
     * Ends the upload: the content is durable and visible when this returns. Committing content
     * that is already there replaces it by the same bytes.
     *
     * @return its size in bytes
     * @throws dev.bulla.core.BullaException {@code DIGEST_MISMATCH} if it is other content; the
     *     upload is gone then
     */
    long commit(Digest digest);

    /** Ends the upload and frees its space. */
    void abort();
  }
}
