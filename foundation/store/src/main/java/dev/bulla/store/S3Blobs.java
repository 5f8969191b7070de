package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Blobs as objects of S3, or of a server that speaks its protocol.
 *
 * <p><b>Layout</b>, below the prefix: {@code blobs/ALGORITHM/HEX} is what was verified; {@code
 * trash/ALGORITHM-HEX} what was retired, its metadata saying when; {@code bad/ALGORITHM-HEX} what
 * was found damaged; {@code uploads/ID} the state of an upload and {@code segments/ID/…} its bytes.
 *
 * <p><b>Visibility.</b> An object comes to be by one request, or by the completion of a multipart
 * upload whose parts are copies of segments: whole or not at all, and after its digest was
 * verified. S3 has acknowledged it when a commit returns.
 *
 * <p><b>Replicas.</b> Several processes may use one prefix at once. No decision rests on a list,
 * which may lag behind: whether content or an upload is there is asked by its key. What a list
 * misses is collected or expired the next time.
 *
 * <p>A failing S3 is a {@link BullaException} with {@link ErrorCode#BLOBS_UNAVAILABLE}.
 */
public final class S3Blobs implements Blobs {
  private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");
  private static final int WINDOWS = 256;
  private static final String BLOBS = "blobs/";
  private static final String UPLOADS = "uploads/";
  private static final String SEGMENTS = "segments/";

  private final S3Bucket bucket;
  private final Path spool;
  private final S3Sizes sizes;
  private final S3Copy copier;
  private final S3SideObjects side;
  private final SecureRandom random = new SecureRandom();
  private final CopyBuffers copyBuffers = new CopyBuffers();
  private final Semaphore windows = new Semaphore(WINDOWS);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ConcurrentHashMap<String, S3Upload> live = new ConcurrentHashMap<>();
  private volatile boolean conditions = true;

  private S3Blobs(S3Bucket bucket, Path spool, S3Sizes sizes) {
    this.bucket = bucket;
    this.spool = spool;
    this.sizes = sizes;
    this.copier = new S3Copy(bucket, sizes, threads);
    this.side = new S3SideObjects(bucket, copier, this::read);
  }

  /**
   * Opens the blobs of a bucket that is there.
   *
   * @param spool a directory of this process alone, for segments on their way
   * @throws BullaException {@link ErrorCode#BLOBS_UNAVAILABLE}
   */
  public static S3Blobs open(S3Location location, Path spool) {
    return open(location, spool, S3Sizes.USUAL, S3Patience.USUAL, S3Clients.credentials());
  }

  static S3Blobs open(
      S3Location location,
      Path spool,
      S3Sizes sizes,
      S3Patience patience,
      AwsCredentialsProvider credentials) {
    S3Spool.prepare(spool);
    S3Blobs blobs =
        new S3Blobs(
            new S3Bucket(S3Clients.of(location, patience, credentials), location), spool, sizes);
    try {
      blobs.bucket.check();
      return blobs;
    } catch (RuntimeException e) {
      blobs.close();
      throw e;
    }
  }

  @Override
  public Upload begin(String id, Digest.Algorithm likely) {
    S3UploadState state = new S3UploadState(revision(), likely, List.of(), Optional.empty());
    try {
      S3Upload upload = new S3Upload(this, id, state, writeState(id, state, ""));
      live.put(id, upload);
      return upload;
    } catch (SdkException e) {
      if (!S3Faults.isOvertaken(e)) {
        throw S3Faults.of(e, "beginning an upload");
      }
      // the answer to the first writing was lost: nobody else can have chosen this name
      return resume(id).orElseThrow(() -> S3Faults.of(e, "beginning an upload"));
    }
  }

  @Override
  public Optional<Upload> resume(String id) {
    if (!ID.matcher(id).matches()) {
      return Optional.empty();
    }
    S3Upload known = live.get(id);
    if (known != null) {
      return known.refresh() ? Optional.of(known) : Optional.empty();
    }
    return readState(id)
        .map(found -> {
          S3Upload upload =
              new S3Upload(this, id, S3UploadState.parse(found.bytes()), found.etag());
          upload.forgetHash();
          S3Upload other = live.putIfAbsent(id, upload);
          return other == null ? upload : other;
        });
  }

  @Override
  public List<String> uploads() {
    try (Stream<S3Bucket.Entry> states = states()) {
      return states.map(S3Blobs::idOf).toList();
    }
  }

  @Override
  public List<String> restingUploads(Instant before) {
    try (Stream<S3Bucket.Entry> states = states()) {
      return states.filter(s -> s.modified().isBefore(before)).map(S3Blobs::idOf).toList();
    }
  }

  private Stream<S3Bucket.Entry> states() {
    return bucket.list(UPLOADS).filter(entry -> ID.matcher(idOf(entry)).matches());
  }

  private static String idOf(S3Bucket.Entry state) {
    return state.key().substring(UPLOADS.length());
  }

  /** Also removes what requests left behind whose answers were lost. */
  @Override
  public void expireUploads(Instant before) {
    for (String id : restingUploads(before)) {
      try {
        resume(id).ifPresent(Upload::abort);
      } catch (BullaException e) {
        if (e.code() != ErrorCode.CONFLICT && e.code() != ErrorCode.UPLOAD_NOT_FOUND) {
          throw e;
        }
        // it is being written, or has just ended by itself
      }
    }
    live.keySet().removeIf(id -> readState(id).isEmpty());
    try (Stream<S3Bucket.Entry> segments = bucket.list(SEGMENTS)) {
      segments
          .filter(segment -> segment.modified().isBefore(before))
          .filter(segment -> bucket.head(UPLOADS + uploadOf(segment)).isEmpty())
          .forEach(segment -> bucket.delete(segment.key()));
    }
    bucket.abortMultiparts(before);
  }

  private static String uploadOf(S3Bucket.Entry segment) {
    String rest = segment.key().substring(SEGMENTS.length());
    int slash = rest.indexOf('/');
    return slash < 0 ? rest : rest.substring(0, slash);
  }

  @Override
  public Optional<Blob> open(Digest digest) {
    String key = keyOf(digest);
    for (int attempt = 1; ; attempt++) {
      try {
        return S3Content.open(this, key);
      } catch (IOException e) {
        if (attempt == S3Bucket.ATTEMPTS) {
          throw S3Faults.of(e, "opening blob " + digest);
        }
      }
    }
  }

  @Override
  public OptionalLong size(Digest digest) {
    return bucket
        .head(keyOf(digest))
        .map(found -> OptionalLong.of(found.size()))
        .orElseGet(OptionalLong::empty);
  }

  @Override
  public boolean delete(Digest digest) {
    boolean there = bucket.head(keyOf(digest)).isPresent();
    bucket.delete(keyOf(digest));
    return there;
  }

  @Override
  public boolean retire(Digest digest, Instant now) {
    return side.retire(digest, keyOf(digest), now);
  }

  @Override
  public boolean setAside(Digest digest, Instant now) {
    return side.setAside(digest, keyOf(digest), now);
  }

  @Override
  public boolean revive(Digest digest) {
    return side.revive(digest, keyOf(digest));
  }

  @Override
  public long purge(Duration age, Instant now) {
    return side.purge(age, now);
  }

  @Override
  public long retiredBytes() {
    return side.retiredBytes();
  }

  @Override
  public Optional<Instant> since(Digest digest) {
    return bucket.head(keyOf(digest)).map(S3Bucket.Entry::modified);
  }

  @Override
  public Stream<Digest> list() {
    return bucket.list(BLOBS).flatMap(entry -> digestOf(entry.key()).stream());
  }

  @Override
  public void close() {
    threads.shutdownNow();
    bucket.close();
  }

  // For uploads and readers

  S3Bucket bucket() {
    return bucket;
  }

  S3Sizes sizes() {
    return sizes;
  }

  Path spool() {
    return spool;
  }

  CopyBuffers copyBuffers() {
    return copyBuffers;
  }

  /** How many blobs may be open with all of the window that opening one reads. */
  Semaphore windows() {
    return windows;
  }

  SecureRandom random() {
    return random;
  }

  ExecutorService threads() {
    return threads;
  }

  String revision() {
    return name(8);
  }

  private static String segments(String id) {
    return SEGMENTS + id + "/";
  }

  private InputStream read(String key, long size) {
    return size == 0 ? InputStream.nullInputStream() : S3Stream.open(this, key, 0, size);
  }

  /**
   * All bytes of a segment.
   *
   * @throws BullaException {@link ErrorCode#UPLOAD_NOT_FOUND} if it is gone: the upload has ended
   */
  InputStream read(String id, S3UploadState.Segment segment) {
    try {
      return read(segments(id) + segment.name(), segment.size());
    } catch (BullaException e) {
      throw e.code() == ErrorCode.BLOB_NOT_FOUND
          ? new BullaException(ErrorCode.UPLOAD_NOT_FOUND, "upload " + id + " has ended", e)
          : e;
    }
  }

  Optional<S3Bucket.Small> readState(String id) {
    return bucket.read(UPLOADS + id, S3UploadState.MAX_BYTES);
  }

  /**
   * Writes a state if the one there is that of {@code etag}, or none if that is empty; without the
   * condition where the server knows none.
   *
   * @throws SdkException as the SDK throws them
   */
  String writeState(String id, S3UploadState state, String etag) {
    if (conditions) {
      try {
        return bucket.putIf(UPLOADS + id, state.bytes(), etag);
      } catch (SdkException e) {
        if (!S3Faults.isNotImplemented(e)) {
          throw e;
        }
        conditions = false;
      }
    }
    return bucket.putAnyway(UPLOADS + id, state.bytes());
  }

  void writeSegment(String id, String name, Path file) {
    bucket.put(segments(id) + name, file);
  }

  void deleteSegment(String id, S3UploadState.Segment segment) {
    bucket.delete(segments(id) + segment.name());
  }

  /** Makes segments the content of a digest; false if some are gone. */
  boolean publish(String id, List<S3UploadState.Segment> segments, Digest digest) {
    return copier.join(segments(id), segments, keyOf(digest), id);
  }

  /** Deletes an upload; its state first, so that nobody goes on with half of it. */
  void forget(String id, S3UploadState state) {
    bucket.delete(UPLOADS + id);
    state.segments().stream()
        .map(segment -> threads.submit(() -> deleteSegment(id, segment)))
        .toList()
        .forEach(S3Copy::result);
  }

  void ended(String id) {
    live.remove(id);
  }

  private String name(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static String keyOf(Digest digest) {
    return BLOBS + digest.algorithm().id() + "/" + digest.hex();
  }

  private static Optional<Digest> digestOf(String key) {
    try {
      return Optional.of(Digest.parse(key.substring(BLOBS.length()).replaceFirst("/", ":")));
    } catch (BullaException e) {
      return Optional.empty();
    }
  }
}
