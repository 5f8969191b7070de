package dev.bulla.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every kind of blob store does; a test of one extends this. */
public abstract class BlobsContract {
  private static final OptionalLong ANYWHERE = OptionalLong.empty();

  private Blobs blobs;

  /**
   * The store under test, empty the first time; called again, it is the same store after a restart.
   */
  protected abstract Blobs reopen();

  @BeforeEach
  void open() {
    blobs = reopen();
  }

  @ParameterizedTest
  @EnumSource(Digest.Algorithm.class)
  void returnsWhatWasCommitted(Digest.Algorithm algorithm) throws IOException {
    byte[] content = content(300_000);
    Digest digest = Digest.of(algorithm, content);

    Blobs.Upload upload = blobs.begin(Digest.Algorithm.SHA256);
    assertThat(upload.append(ANYWHERE, in(content))).isEqualTo(content.length);
    assertThat(upload.commit(digest)).isEqualTo(content.length);

    assertThat(read(digest, 0)).isEqualTo(content);
    assertThat(blobs.size(digest)).hasValue(content.length);
    assertThat(blobs.uploads()).isEmpty();
  }

  @Test
  void readsFromAnyOffset() throws IOException {
    byte[] content = content(1_000);
    Digest digest = put(content);

    assertThat(read(digest, 0)).isEqualTo(content);
    assertThat(read(digest, 999)).containsExactly(content[999]);
    assertThat(read(digest, 1_000)).isEmpty();
  }

  @Test
  void keepsEmptyContent() throws IOException {
    Digest digest = put(new byte[0]);

    assertThat(blobs.size(digest)).hasValue(0);
    assertThat(read(digest, 0)).isEmpty();
  }

  @Test
  void nothingIsVisibleBeforeTheCommit() throws IOException {
    byte[] content = content(1_000);
    Blobs.Upload upload = blobs.begin(Digest.Algorithm.SHA256);
    upload.append(ANYWHERE, in(content));

    assertThat(blobs.open(Digest.sha256(content))).isEmpty();
    assertThat(blobs.size(Digest.sha256(content))).isEmpty();
    try (Stream<Digest> all = blobs.list()) {
      assertThat(all).isEmpty();
    }
  }

  @Test
  void refusesOtherContentAndDropsTheUpload() throws IOException {
    Blobs.Upload upload = blobs.begin(Digest.Algorithm.SHA256);
    upload.append(ANYWHERE, in(content(10)));
    Digest other = Digest.sha256(content(11));

    assertThatThrownBy(() -> upload.commit(other)).satisfies(code(ErrorCode.DIGEST_MISMATCH));

    assertThat(blobs.size(other)).isEmpty();
    assertThat(blobs.resume(upload.id())).isEmpty();
    assertThatThrownBy(() -> upload.append(ANYWHERE, in(content(1))))
        .satisfies(code(ErrorCode.UPLOAD_NOT_FOUND));
  }

  @Test
  void aChunkAtTheWrongOffsetIsRefusedUnread() throws IOException {
    Blobs.Upload upload = blobs.begin(Digest.Algorithm.SHA256);
    upload.append(OptionalLong.of(0), in(content(10)));
    InputStream unread = in(content(5));

    assertThatThrownBy(() -> upload.append(OptionalLong.of(11), unread))
        .satisfies(code(ErrorCode.RANGE_INVALID));
    assertThatThrownBy(() -> upload.append(OptionalLong.of(0), unread))
        .satisfies(code(ErrorCode.RANGE_INVALID));

    assertThat(unread.available()).isEqualTo(5);
    assertThat(upload.offset()).isEqualTo(10);
  }

  @Test
  void anUploadGoesOnAfterARestart() throws IOException {
    byte[] content = content(200_000);
    Blobs.Upload upload = blobs.begin(Digest.Algorithm.SHA256);
    upload.append(ANYWHERE, in(content, 0, 150_000));

    blobs = reopen();
    Blobs.Upload resumed = blobs.resume(upload.id()).orElseThrow();
    assertThat(resumed.offset()).isEqualTo(150_000);
    assertThat(blobs.uploads()).containsExactly(upload.id());
    resumed.append(OptionalLong.of(150_000), in(content, 150_000, 50_000));
    resumed.commit(Digest.sha256(content));

    assertThat(read(Digest.sha256(content), 0)).isEqualTo(content);
  }

  @Test
  void bytesBeforeABrokenConnectionStay() throws IOException {
    byte[] content = content(100_000);
    Blobs.Upload upload = blobs.begin(Digest.Algorithm.SHA256);

    assertThatThrownBy(() -> upload.append(ANYWHERE, new BreakingOff(content, 60_000)))
        .hasMessageContaining("connection reset");
    long offset = upload.offset();
    assertThat(offset).isEqualTo(60_000);
    upload.append(
        OptionalLong.of(offset), in(content, (int) offset, content.length - (int) offset));
    upload.commit(Digest.sha256(content));

    assertThat(read(Digest.sha256(content), 0)).isEqualTo(content);
  }

  @Test
  void anAbortedUploadIsGone() throws IOException {
    Blobs.Upload upload = blobs.begin(Digest.Algorithm.SHA256);
    upload.append(ANYWHERE, in(content(10)));
    upload.abort();

    assertThat(blobs.resume(upload.id())).isEmpty();
    assertThat(blobs.uploads()).isEmpty();
    assertThatThrownBy(upload::abort).satisfies(code(ErrorCode.UPLOAD_NOT_FOUND));
  }

  @Test
  void uploadsThatRestAreDropped() throws IOException {
    Blobs.Upload upload = blobs.begin(Digest.Algorithm.SHA256);
    upload.append(ANYWHERE, in(content(10)));

    blobs.expireUploads(Instant.now().minusSeconds(3600));
    assertThat(blobs.uploads()).containsExactly(upload.id());
    blobs.expireUploads(Instant.now().plusSeconds(60));

    assertThat(blobs.uploads()).isEmpty();
    assertThat(blobs.resume(upload.id())).isEmpty();
  }

  @Test
  void idsThatNobodyBeganAreUnknown() {
    for (String id : List.of("", "..", "../x", "0".repeat(32), "sha256")) {
      assertThat(blobs.resume(id)).as(id).isEmpty();
    }
  }

  @Test
  void listsAndDeletes() throws IOException {
    Digest one = put(content(1));
    Digest two = put(content(2));

    try (Stream<Digest> all = blobs.list()) {
      assertThat(all).containsExactlyInAnyOrder(one, two);
    }
    assertThat(blobs.delete(one)).isTrue();
    assertThat(blobs.delete(one)).isFalse();
    assertThat(blobs.open(one)).isEmpty();
    assertThat(blobs.size(two)).hasValue(2);
  }

  @Test
  void aReaderKeepsWhatIsDeletedMeanwhile() throws IOException {
    byte[] content = content(100);
    Digest digest = put(content);
    try (Blob blob = blobs.open(digest).orElseThrow()) {
      blobs.delete(digest);
      assertThat(Channels.newInputStream(blob.from(0)).readAllBytes()).isEqualTo(content);
    }
  }

  @Test
  void sixtyFourUploadsOfOneBlobAllSucceed() throws Exception {
    byte[] content = content(50_000);
    Digest digest = Digest.sha256(content);
    Callable<Long> push =
        () -> {
          Blobs.Upload upload = blobs.begin(Digest.Algorithm.SHA256);
          upload.append(ANYWHERE, in(content));
          return upload.commit(digest);
        };

    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Long> size :
          threads.invokeAll(IntStream.range(0, 64).mapToObj(i -> push).toList())) {
        assertThat(size.get()).isEqualTo(content.length);
      }
    }

    assertThat(read(digest, 0)).isEqualTo(content);
    assertThat(blobs.uploads()).isEmpty();
  }

  @Test
  void retiredContentIsOutOfSightUntilItIsRevivedOrPurged() throws IOException {
    Instant now = Instant.ofEpochSecond(1_800_000_000);
    Digest back = put(content(70));
    Digest gone = put(content(71));

    assertThat(blobs.retire(back, now)).isTrue();
    assertThat(blobs.retire(gone, now)).isTrue();
    assertThat(blobs.retire(gone, now)).isFalse();
    assertThat(blobs.open(back)).isEmpty();
    assertThat(blobs.list()).isEmpty();
    assertThat(blobs.retiredBytes()).isEqualTo(141);

    blobs = reopen();
    assertThat(blobs.revive(back)).isTrue();
    assertThat(read(back, 0)).isEqualTo(content(70));
    assertThat(blobs.purge(Duration.ofDays(1), now.plus(Duration.ofDays(1)))).isZero();
    Instant earlier = now.minus(Duration.ofDays(30));
    assertThat(blobs.purge(Duration.ofDays(1), earlier)).isZero();
    assertThat(blobs.purge(Duration.ofDays(1), earlier.plus(Duration.ofDays(2)))).isEqualTo(71);
    assertThat(blobs.revive(gone)).isFalse();
    assertThat(put(content(71))).isEqualTo(gone);
    assertThat(read(gone, 0)).isEqualTo(content(71));
  }

  @Test
  void contentThatIsSetAsideIsNeitherVisibleNorRevived() throws IOException {
    Digest digest = put(content(72));

    assertThat(blobs.setAside(digest, Instant.EPOCH)).isTrue();

    assertThat(blobs.size(digest)).isEmpty();
    assertThat(blobs.since(digest)).isEmpty();
    assertThat(blobs.revive(digest)).isFalse();
    assertThat(blobs.purge(Duration.ZERO, Instant.parse("2090-01-01T00:00:00Z"))).isZero();
    put(content(72));
    assertThat(blobs.since(digest)).isPresent();
  }

  /** Stores {@code content} under its SHA-256. */
  protected final Digest put(byte[] content) throws IOException {
    Digest digest = Digest.sha256(content);
    Blobs.Upload upload = blobs.begin(Digest.Algorithm.SHA256);
    upload.append(ANYWHERE, in(content));
    upload.commit(digest);
    return digest;
  }

  /** So many bytes, the same each time. */
  protected static byte[] content(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  protected static java.util.function.Consumer<Throwable> code(ErrorCode expected) {
    return e ->
        assertThat(e)
            .isInstanceOfSatisfying(
                BullaException.class, b -> assertThat(b.code()).isEqualTo(expected));
  }

  private byte[] read(Digest digest, long offset) throws IOException {
    try (Blob blob = blobs.open(digest).orElseThrow()) {
      return Channels.newInputStream(blob.from(offset)).readAllBytes();
    }
  }

  private static InputStream in(byte[] content) {
    return new ByteArrayInputStream(content);
  }

  private static InputStream in(byte[] content, int offset, int length) {
    return new ByteArrayInputStream(content, offset, length);
  }

  /** Fails after some bytes, as a connection does. */
  private static final class BreakingOff extends ByteArrayInputStream {
    BreakingOff(byte[] content, int length) {
      super(content, 0, length);
    }

    @Override
    public synchronized int read(byte[] buffer, int from, int count) {
      int n = super.read(buffer, from, count);
      if (n < 0) {
        throw new UncheckedIOException(new IOException("connection reset"));
      }
      return n;
    }
  }
}
