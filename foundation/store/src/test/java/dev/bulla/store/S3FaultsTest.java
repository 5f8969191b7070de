package dev.bulla.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.testkit.FakeS3;
import dev.bulla.testkit.S3Fault;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An S3 that fails, is slow, loses answers or shows old lists. */
class S3FaultsTest {
  private static final Instant NEVER = Instant.parse("2100-01-01T00:00:00Z");

  @TempDir Path directory;

  private final TrialS3 trial = TrialS3.ofFake();
  private final FakeS3 fake = trial.fake().orElseThrow();
  private final byte[] content = content(150_000);
  private final Digest digest = Digest.sha256(content);
  private S3Blobs blobs;

  @BeforeEach
  void open() {
    blobs = trial.open(directory.resolve("spool"));
  }

  @AfterEach
  void close() {
    blobs.close();
    trial.close();
  }

  /** Each of them once: the request is sent again, and what it did before is recognised. */
  @ParameterizedTest
  @CsvSource({
    "PutObject, LOST_ANSWER",
    "PutObject, ERROR_500",
    "PutObject, SLOW_DOWN",
    "PutObject, COME_BACK",
    "PutObject, SKEWED",
    "PutObject, MISMATCH",
    "UploadPartCopy, COME_BACK",
    "GetObject, WHOLE",
    "GetObject, CUT_BODY",
    "GetObject, LOST_ANSWER",
    "CreateMultipartUpload, LOST_ANSWER",
    "UploadPartCopy, LOST_ANSWER",
    "CompleteMultipartUpload, LOST_ANSWER",
    "CompleteMultipartUpload, ERROR_500",
    "CopyObject, LOST_ANSWER",
    "DeleteObject, LOST_ANSWER",
    "HeadObject, LOST_ANSWER",
    "ListObjectsV2, CUT_BODY",
    "CreateMultipartUpload, CUT_BODY",
    "UploadPartCopy, CUT_BODY",
    "CompleteMultipartUpload, CUT_BODY",
    "CopyObject, CUT_BODY",
  })
  void oneFaultChangesNothing(String operation, S3Fault fault) throws IOException {
    fake.fault(operation, fault);

    Blobs.Upload upload = blobs.begin(Digest.Algorithm.SHA256);
    fake.fault(operation, fault);
    upload.append(OptionalLong.of(0), in(0, 100_000));
    fake.fault(operation, fault);
    Blobs.Upload resumed = blobs.resume(upload.id()).orElseThrow();
    resumed.append(OptionalLong.of(100_000), in(100_000, 150_000));
    assertThat(resumed.commit(digest)).isEqualTo(150_000);
    fake.fault(operation, fault);
    assertThat(read(0, 150_000)).isEqualTo(content);
    fake.fault(operation, fault);
    assertThat(blobs.retire(digest, Instant.EPOCH)).isTrue();
    assertThat(blobs.revive(digest)).isTrue();
    assertThat(blobs.size(digest)).hasValue(150_000);
    fake.fault(operation, fault);
    assertThat(blobs.restingUploads(Instant.EPOCH)).isEmpty();

    fake.heal();
    blobs.expireUploads(NEVER);
    assertThat(fake.keys()).containsExactly("some/prefix/blobs/sha256/" + digest.hex());
  }

  @Test
  void aServerThatFailsIsUnavailableAndTheUploadGoesOnAfterwards() throws IOException {
    Blobs.Upload upload = blobs.begin(Digest.Algorithm.SHA256);
    upload.append(OptionalLong.of(0), in(0, 70_000));
    down("PutObject", S3Fault.ERROR_500);
    assertThatThrownBy(() -> upload.append(OptionalLong.of(70_000), in(70_000, 150_000)))
        .satisfies(unavailable());
    fake.heal();
    assertThat(upload.offset()).isEqualTo(70_000);
    assertThat(blobs.open(digest)).isEmpty();

    upload.append(OptionalLong.of(70_000), in(70_000, 150_000));
    down("CompleteMultipartUpload", S3Fault.SLOW_DOWN);
    assertThatThrownBy(() -> upload.commit(digest)).satisfies(unavailable());
    assertThat(blobs.open(digest)).isEmpty();
    fake.heal();
    upload.commit(digest);

    assertThat(read(0, 150_000)).isEqualTo(content);
    assertThat(fake.keys()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ERROR_500", "DENIED"})
  void whatCannotBeAskedIsNotAbsent(S3Fault fault) {
    down("HeadObject", fault);
    assertThatThrownBy(() -> blobs.size(digest)).satisfies(unavailable());
    down("GetObject", fault);
    assertThatThrownBy(() -> blobs.open(digest)).satisfies(unavailable());
  }

  @ParameterizedTest
  @CsvSource({
    "EXPIRED, Renew the credentials",
    "SKEWED, Set the clock",
    "MISMATCH, changed bytes",
    "MOVED, the region",
    "COME_BACK, fewer requests"
  })
  void whatHasToBeDoneIsSaid(S3Fault fault, String nextStep) {
    down("HeadObject", fault);
    down("GetObject", fault);
    fake.requests();
    assertThatThrownBy(() -> blobs.open(digest))
        .satisfies(unavailable())
        .satisfies(e -> assertThat(((BullaException) e).nextStep()).contains(nextStep));
    assertThat(fake.requests()).allMatch(one -> one.contains("blobs/sha256")); // no redirect
  }

  /** A part that arrives after the abort would stay in the bucket, paid for and seen by nobody. */
  @Test
  void whenOnePartFailsTheOthersHaveEndedBeforeTheUploadIsGivenUp() throws IOException {
    Blobs.Upload upload = blobs.begin(Digest.Algorithm.SHA256);
    upload.append(OptionalLong.of(0), in(0, content.length));
    fake.fault("UploadPartCopy", S3Fault.DENIED, S3Fault.LATE, S3Fault.LATE);
    assertThatThrownBy(() -> upload.commit(digest)).satisfies(unavailable());
    assertThat(fake.late()).isZero();
    assertThat(fake.keys()).noneMatch(key -> key.startsWith("multipart"));
  }

  @Test
  void whatLostAnswersLeftBehindIsEndedHoweverMuchItIs() throws IOException {
    Blobs.Upload upload = blobs.begin(Digest.Algorithm.SHA256);
    upload.append(OptionalLong.of(0), in(0, content.length));
    for (int i = 0; i < 3; i++) {
      fake.fault("CreateMultipartUpload", S3Fault.LOST_ANSWER, S3Fault.LOST_ANSWER);
      fake.fault("CompleteMultipartUpload", S3Fault.DENIED);
      assertThatThrownBy(() -> upload.commit(digest)).satisfies(unavailable());
    }
    assertThat(fake.keys()).filteredOn(key -> key.startsWith("multipart")).hasSizeGreaterThan(4);
    blobs.expireUploads(NEVER);
    assertThat(fake.keys()).isEmpty();
  }

  @Test
  void aServerThatNeverAnswersIsUnavailable() {
    down("HeadObject", S3Fault.SILENCE);
    assertThatThrownBy(
            () -> {
              try (S3Blobs impatient = trial.impatient().open(directory.resolve("other"))) {
                impatient.size(digest);
              }
            })
        .satisfies(unavailable());
  }

  @Test
  void nothingDependsOnListsBeingUpToDate() throws IOException {
    fake.lag(true);
    Blobs.Upload upload = blobs.begin(Digest.Algorithm.SHA256);
    upload.append(OptionalLong.of(0), in(0, 150_000));
    try (S3Blobs replica = trial.open(directory.resolve("other"))) {
      replica.expireUploads(NEVER);
      Blobs.Upload there = replica.resume(upload.id()).orElseThrow();
      assertThat(there.offset()).isEqualTo(150_000);
      there.commit(digest);
    }
    assertThat(read(0, 150_000)).isEqualTo(content);

    fake.lag(false);
    fake.lag(true);
    blobs.retire(digest, Instant.EPOCH);
    assertThat(blobs.list()).containsExactly(digest);
    assertThat(blobs.since(digest)).isEmpty();
    assertThat(blobs.revive(digest)).isTrue();
  }

  @Test
  void aServerWithoutConditionalWritesWillDo() throws IOException {
    fake.conditions(false);
    put();
    assertThat(read(0, 150_000)).isEqualTo(content);
  }

  @Test
  void ofTwoReplicasThatWriteAtOnceOneIsToldSo() throws IOException {
    Blobs.Upload one = blobs.begin(Digest.Algorithm.SHA256);
    try (S3Blobs replica = trial.open(directory.resolve("other"))) {
      Blobs.Upload two = replica.resume(one.id()).orElseThrow();
      one.append(OptionalLong.of(0), in(0, 100));

      assertThatThrownBy(() -> two.append(OptionalLong.of(0), in(100, 200)))
          .isInstanceOfSatisfying(
              BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT));
      assertThat(two.offset()).isEqualTo(100);

      two.append(OptionalLong.of(100), in(100, 150_000));
      assertThat(two.commit(digest)).isEqualTo(150_000);
    }
    assertThatThrownBy(() -> one.append(OptionalLong.of(100), in(100, 200)))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UPLOAD_NOT_FOUND));
  }

  @Test
  void rangesAreReadAsRangesAndBrokenAnswersGoOnWhereTheyBroke() throws IOException {
    put();
    fake.requests();
    assertThat(read(50_000, 1_000)).isEqualTo(Arrays.copyOfRange(content, 50_000, 51_000));
    assertThat(fake.requests())
        .containsExactly(
            "GetObject some/prefix/blobs/sha256/%s bytes=0-8191".formatted(digest.hex()),
            "GetObject some/prefix/blobs/sha256/%s bytes=50000-50999".formatted(digest.hex()));

    try (Blob blob = blobs.open(digest).orElseThrow()) {
      fake.fault("GetObject", S3Fault.CUT_BODY, S3Fault.CUT_BODY);
      assertThat(Channels.newInputStream(blob.from(10)).readAllBytes())
          .isEqualTo(Arrays.copyOfRange(content, 10, content.length));
    }
  }

  /** Clients that do not read on must not hold the beginning of a blob each. */
  @Test
  void blobsThatAreOpenBeyondManyHoldLittle() throws IOException {
    put();
    int permits = blobs.windows().drainPermits();
    assertThat(read(0, 150_000)).isEqualTo(content);
    assertThat(blobs.windows().availablePermits()).isZero();
    blobs.windows().release(permits);
    assertThat(read(10, 149_990)).isEqualTo(Arrays.copyOfRange(content, 10, 150_000));
    assertThat(blobs.open(Digest.sha256(new byte[1]))).isEmpty();
    assertThat(blobs.windows().availablePermits()).isEqualTo(permits);
  }

  @Test
  void whatRottedIsNotRevivedAndIsReplacedByTheNextPush() throws IOException {
    put();
    fake.damage("some/prefix/blobs/sha256/" + digest.hex());
    blobs.retire(digest, Instant.EPOCH);
    assertThat(blobs.revive(digest)).isFalse();
    put();
    fake.damage("some/prefix/blobs/sha256/" + digest.hex());
    put();
    assertThat(read(0, 150_000)).isEqualTo(content);
  }

  @Test
  void aBucketThatMayNotBeListedIsRefusedAtTheStart() {
    fake.fault("ListObjectsV2", S3Fault.DENIED);
    assertThatThrownBy(() -> trial.open(directory.resolve("other")))
        .satisfies(unavailable())
        .hasMessageContaining("AccessDenied");
  }

  private void down(String operation, S3Fault fault) {
    S3Fault[] often = new S3Fault[3];
    Arrays.fill(often, fault);
    fake.fault(operation, often);
  }

  private void put() throws IOException {
    Blobs.Upload upload = blobs.begin(Digest.Algorithm.SHA256);
    upload.append(OptionalLong.of(0), in(0, content.length));
    upload.commit(digest);
  }

  private byte[] read(long offset, long length) throws IOException {
    try (Blob blob = blobs.open(digest).orElseThrow()) {
      return Channels.newInputStream(blob.from(offset, length)).readAllBytes();
    }
  }

  private ByteArrayInputStream in(int from, int to) {
    return new ByteArrayInputStream(content, from, to - from);
  }

  private static byte[] content(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static Consumer<Throwable> unavailable() {
    return e ->
        assertThat(e)
            .isInstanceOfSatisfying(
                BullaException.class,
                b -> assertThat(b.code()).isEqualTo(ErrorCode.BLOBS_UNAVAILABLE));
  }
}
