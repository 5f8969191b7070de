package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * Puts objects together inside S3, whole or not at all.
 *
 * <p>One piece is copied by one request. Several become the parts of a multipart upload, which is
 * visible when it is completed. If the answer to that is lost, the SDK sends it again and S3 says
 * that there is no such multipart upload; whether the first was heard is then read from the object,
 * whose metadata name the multipart upload. Thread-safe.
 */
final class S3Copy {
  private static final int AT_ONCE = 8;
  private static final int ATTEMPTS = 3;
  private static final String MADE_BY = "bulla-made-by";

  private final S3Bucket bucket;
  private final S3Sizes sizes;
  private final ExecutorService threads;

  S3Copy(S3Bucket bucket, S3Sizes sizes, ExecutorService threads) {
    this.bucket = bucket;
    this.sizes = sizes;
    this.threads = threads;
  }

  /** Bytes of an object; {@code whole} if they are all of it. */
  private record Piece(String key, long first, long length, boolean whole) {}

  /** A source was deleted meanwhile. */
  private static final class Gone extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Copies an object of {@code size} bytes; false if it is not there. */
  boolean copy(String from, String to, long size, Map<String, String> metadata) {
    if (size <= sizes.copy()) {
      return bucket.copy(from, to, metadata);
    }
    List<Piece> pieces = new ArrayList<>();
    for (long first = 0; first < size; first += sizes.copy()) {
      pieces.add(new Piece(from, first, Math.min(sizes.copy(), size - first), false));
    }
    return join(pieces, to, metadata);
  }

  /**
   * Makes one object of several; false if one of them is not there.
   *
   * @param segments all but the last of which have at least the size of the smallest part
   */
  boolean join(String directory, List<S3UploadState.Segment> segments, String to, String id) {
    if (segments.isEmpty()) {
      bucket.put(to, new byte[0]);
      return true;
    }
    List<Piece> pieces =
        segments.stream().map(s -> new Piece(directory + s.name(), 0, s.size(), true)).toList();
    if (pieces.size() == 1) {
      return bucket.copy(pieces.getFirst().key(), to, Map.of());
    }
    return join(pieces, to, Map.of("bulla-upload", id));
  }

  private boolean join(List<Piece> pieces, String to, Map<String, String> metadata) {
    for (int attempt = 1; ; attempt++) {
      try {
        if (joinOnce(pieces, to, metadata)) {
          return true;
        }
      } catch (Gone e) {
        return false;
      }
      if (attempt == ATTEMPTS) {
        throw new BullaException(
            ErrorCode.BLOBS_UNAVAILABLE,
            "putting %s together: S3 has lost the multipart upload %d times"
                .formatted(to, ATTEMPTS),
            "Try again; nothing that was acknowledged is lost.");
      }
    }
  }

  private boolean joinOnce(List<Piece> pieces, String to, Map<String, String> metadata) {
    S3Client client = bucket.client();
    Map<String, String> all = new java.util.HashMap<>(metadata);
    String mark = java.util.UUID.randomUUID().toString();
    all.put(MADE_BY, mark);
    String upload =
        S3Bucket.ask(
            "beginning to put " + to + " together",
            () ->
                client
                    .createMultipartUpload(r ->
                        r.bucket(bucket.name())
                            .key(bucket.full(to))
                            .contentType("application/octet-stream")
                            .metadata(all))
                    .uploadId());
    try {
      List<CompletedPart> parts = parts(pieces, to, upload);
      client.completeMultipartUpload(r ->
          r.bucket(bucket.name())
              .key(bucket.full(to))
              .uploadId(upload)
              .multipartUpload(m -> m.parts(parts)));
      return true;
    } catch (SdkException e) {
      if (isMade(to, mark)) {
        return true;
      }
      abort(to, upload);
      if (S3Faults.isAbsent(e)) {
        return false;
      }
      throw S3Faults.of(e, "putting " + to + " together");
    } catch (RuntimeException e) {
      abort(to, upload);
      throw e;
    }
  }

  /**
   * Whether the object is that of this multipart upload, whose last answer was lost or a refusal.
   */
  private boolean isMade(String to, String mark) {
    return bucket.head(to).filter(o -> mark.equals(o.metadata().get(MADE_BY))).isPresent();
  }

  private void abort(String to, String upload) {
    try {
      bucket
          .client()
          .abortMultipartUpload(r -> r.bucket(bucket.name()).key(bucket.full(to)).uploadId(upload));
    } catch (SdkException e) {
      // the sweep of old uploads ends it
    }
  }

  /**
   * Copies all pieces. When one cannot be copied no other is begun, and those that run have ended
   * before this ends: a part that arrives after the abort of its upload would stay in the bucket.
   */
  private List<CompletedPart> parts(List<Piece> pieces, String to, String upload) {
    Semaphore places = new Semaphore(AT_ONCE);
    AtomicBoolean failed = new AtomicBoolean();
    List<Future<CompletedPart>> running = new ArrayList<>();
    for (int i = 0; i < pieces.size() && !failed.get(); i++) {
      Piece piece = pieces.get(i);
      int number = i + 1;
      places.acquireUninterruptibly();
      running.add(
          threads.submit(() -> {
            boolean copied = false;
            try {
              CompletedPart part = part(piece, to, upload, number);
              copied = true;
              return part;
            } finally {
              failed.compareAndSet(false, !copied);
              places.release();
            }
          }));
    }
    places.acquireUninterruptibly(AT_ONCE);
    return running.stream().map(S3Copy::result).toList();
  }

  private CompletedPart part(Piece piece, String to, String upload, int number) {
    String range = "bytes=%d-%d".formatted(piece.first(), piece.first() + piece.length() - 1);
    String etag =
        bucket
            .find(
                "copying " + piece.key() + " to " + to,
                () ->
                    bucket
                        .client()
                        .uploadPartCopy(r ->
                            r.sourceBucket(bucket.name())
                                .sourceKey(bucket.full(piece.key()))
                                .copySourceRange(piece.whole() ? null : range)
                                .destinationBucket(bucket.name())
                                .destinationKey(bucket.full(to))
                                .uploadId(upload)
                                .partNumber(number))
                        .copyPartResult()
                        .eTag())
            .orElseThrow(Gone::new);
    return CompletedPart.builder().partNumber(number).eTag(etag).build();
  }

  /** What a task gave, or its own exception. */
  static <T> T result(Future<T> task) {
    try {
      return task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BullaException(ErrorCode.BLOBS_UNAVAILABLE, "interrupted while waiting for S3");
    }
  }
}
