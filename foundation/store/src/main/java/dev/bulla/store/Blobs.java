package dev.bulla.store;

import dev.bulla.core.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Content by digest: written once, never changed.
 *
 * <p>A blob is visible only after {@link Upload#commit} has verified it and made it durable; half
 * of a blob is never visible. All methods are thread-safe. A failing disk is a {@link
 * dev.bulla.core.BullaException} with {@code DISK_FULL}, {@code HOME_UNUSABLE} or {@code INTERNAL}.
 */
public interface Blobs {

  /**
   * Starts to write a blob.
   *
   * @param likely the algorithm of the digest that will be committed; another works too, but costs
   *     a second reading
   */
  Upload begin(Digest.Algorithm likely);

  /**
   * An upload that was begun before, in this process or an earlier one; empty if it was committed
   * or aborted.
   */
  Optional<Upload> resume(String id);

  /** The ids of all uploads that can be resumed. */
  List<String> uploads();

  /** Drops the uploads that have taken no byte since {@code before}. */
  void expireUploads(Instant before);

  /** The content; empty if there is none. The caller closes it. */
  Optional<Blob> open(Digest digest);

  /** The size in bytes; empty if there is no such blob. */
  OptionalLong size(Digest digest);

  /** Removes the content; false if there was none. Readers that have it open can read on. */
  boolean delete(Digest digest);

  /**
   * All digests, in no order; the caller closes the stream. Blobs that come or go meanwhile may be
   * missed.
   */
  Stream<Digest> list();

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
