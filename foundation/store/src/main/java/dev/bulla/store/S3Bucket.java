package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.MetadataDirective;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * Objects below a prefix of a bucket. Keys are relative to the prefix.
 *
 * <p>Every request here may be sent again when its answer is lost: it asks, writes the same bytes
 * to the same key, copies, or deletes. The two that may not are elsewhere: {@link S3Copy} looks
 * whether a multipart upload was completed, {@link S3Upload} whether a state is its own.
 * Thread-safe.
 */
final class S3Bucket implements AutoCloseable {
  /** How many times an answer that breaks off is asked for. */
  static final int ATTEMPTS = 4;

  private static final String BYTES = "application/octet-stream";

  private final S3Client client;
  private final String bucket;
  private final String prefix;

  S3Bucket(S3Client client, S3Location location) {
    this.client = client;
    this.bucket = location.bucket();
    this.prefix = location.prefix().isEmpty() ? "" : location.prefix() + "/";
  }

  /** An object; a list tells no metadata. */
  record Entry(String key, long size, Instant modified, Map<String, String> metadata) {}

  /** The content of a small object, and what names this version of it. */
  record Small(byte[] bytes, String etag) {}

  S3Client client() {
    return client;
  }

  String name() {
    return bucket;
  }

  String full(String key) {
    return prefix + key;
  }

  /** Refuses a bucket that is not there or may not be listed. */
  void check() {
    ask(
        "looking at bucket " + bucket,
        () -> client.listObjectsV2(r -> r.bucket(bucket).prefix(full("uploads/")).maxKeys(1)));
  }

  Optional<Entry> head(String key) {
    return find(
        "looking for " + key,
        () -> {
          HeadObjectResponse found = client.headObject(r -> r.bucket(bucket).key(full(key)));
          return new Entry(key, found.contentLength(), found.lastModified(), found.metadata());
        });
  }

  /** The whole content; an answer that breaks off is asked for again. */
  Optional<Small> read(String key, int max) {
    for (int attempt = 1; ; attempt++) {
      Optional<ResponseInputStream<GetObjectResponse>> found = open(key, "");
      if (found.isEmpty()) {
        return Optional.empty();
      }
      try (ResponseInputStream<GetObjectResponse> in = found.get()) {
        if (in.response().contentLength() > max) {
          in.abort();
          throw new BullaException(
              ErrorCode.STORE_CORRUPT, key + " has more than " + max + " bytes");
        }
        return Optional.of(new Small(in.readAllBytes(), in.response().eTag()));
      } catch (IOException e) {
        if (attempt == ATTEMPTS) {
          throw S3Faults.of(e, "reading " + key);
        }
      }
    }
  }

  /**
   * Bytes of an object as they arrive; the caller closes the stream.
   *
   * @param range of RFC 9110 section 14.2, or empty
   */
  Optional<ResponseInputStream<GetObjectResponse>> open(String key, String range) {
    return find("opening " + key, () -> opened(key, range));
  }

  /** Like {@link #open}, with the SDK's own exceptions. */
  ResponseInputStream<GetObjectResponse> opened(String key, String range) {
    return client.getObject(
        r -> r.bucket(bucket).key(full(key)).range(range.isEmpty() ? null : range));
  }

  void put(String key, byte[] bytes) {
    ask("writing " + key, () -> put(key, RequestBody.fromBytes(bytes), "", ""));
  }

  void put(String key, Path file) {
    ask("writing " + key, () -> put(key, RequestBody.fromFile(file), "", ""));
  }

  /**
   * Writes if the object is still that of {@code etag}, or not there if that is empty; returns the
   * new one.
   *
   * @throws SdkException as the SDK throws them
   */
  String putIf(String key, byte[] bytes, String etag) {
    return put(key, RequestBody.fromBytes(bytes), etag, etag.isEmpty() ? "*" : "");
  }

  /** Writes without a condition. */
  String putAnyway(String key, byte[] bytes) {
    return ask("writing " + key, () -> put(key, RequestBody.fromBytes(bytes), "", ""));
  }

  private String put(String key, RequestBody body, String ifMatch, String ifNoneMatch) {
    PutObjectRequest.Builder request =
        PutObjectRequest.builder().bucket(bucket).key(full(key)).contentType(BYTES);
    if (!ifMatch.isEmpty()) {
      request.ifMatch(ifMatch);
    }
    if (!ifNoneMatch.isEmpty()) {
      request.ifNoneMatch(ifNoneMatch);
    }
    return client.putObject(request.build(), body).eTag();
  }

  /** Copies within the bucket, with new metadata; false if there is nothing to copy. */
  boolean copy(String from, String to, Map<String, String> metadata) {
    return find(
            "copying " + from + " to " + to,
            () ->
                client.copyObject(r ->
                    r.sourceBucket(bucket)
                        .sourceKey(full(from))
                        .destinationBucket(bucket)
                        .destinationKey(full(to))
                        .contentType(BYTES)
                        .metadataDirective(MetadataDirective.REPLACE)
                        .metadata(metadata)))
        .isPresent();
  }

  /** Deletes an object that need not be there. */
  void delete(String key) {
    find("deleting " + key, () -> client.deleteObject(r -> r.bucket(bucket).key(full(key))));
  }

  /** Objects whose keys begin so, by their keys, page by page. What came lately may be missing. */
  Stream<Entry> list(String below) {
    return Stream.iterate(
            Optional.of(page(below, "")),
            Optional::isPresent,
            page ->
                page.filter(p -> Boolean.TRUE.equals(p.isTruncated()))
                    .map(p -> page(below, p.nextContinuationToken())))
        .flatMap(page -> page.orElseThrow().contents().stream())
        .map(o ->
            new Entry(o.key().substring(prefix.length()), o.size(), o.lastModified(), Map.of()));
  }

  private ListObjectsV2Response page(String below, String token) {
    return ask(
        "listing " + below,
        () ->
            client.listObjectsV2(r ->
                r.bucket(bucket)
                    .prefix(full(below))
                    .continuationToken(token.isEmpty() ? null : token)));
  }

  /** Ends multipart uploads that were begun before {@code before}: what a lost answer left over. */
  void abortMultiparts(Instant before) {
    List<MultipartUpload> old =
        ask(
            "listing multipart uploads",
            () ->
                client
                    .listMultipartUploadsPaginator(r -> r.bucket(bucket).prefix(prefix))
                    .uploads()
                    .stream()
                    .filter(one -> one.initiated().isBefore(before))
                    .toList());
    old.forEach(one ->
        find(
            "ending a multipart upload",
            () ->
                client.abortMultipartUpload(
                    r -> r.bucket(bucket).key(one.key()).uploadId(one.uploadId()))));
  }

  /** Empty if there is no such object. */
  <T> Optional<T> find(String doing, Supplier<T> request) {
    try {
      return Optional.of(request.get());
    } catch (SdkException e) {
      if (S3Faults.isAbsent(e)) {
        return Optional.empty();
      }
      throw S3Faults.of(e, doing);
    }
  }

  /**
   * @throws BullaException {@code BLOBS_UNAVAILABLE}
   */
  static <T> T ask(String doing, Supplier<T> request) {
    try {
      return request.get();
    } catch (SdkException e) {
      throw S3Faults.of(e, doing);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
