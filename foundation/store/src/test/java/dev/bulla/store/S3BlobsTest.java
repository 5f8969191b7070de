package dev.bulla.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.core.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The contract over a fake S3, or over a real one: {@code -Dbulla.test.blobs=s3://…} with
 * credentials in the environment.
 */
class S3BlobsTest extends BlobsContract {
  private static final String REAL = System.getProperty("bulla.test.blobs", "");

  @TempDir Path directory;

  private final TrialS3 trial =
      REAL.isEmpty() ? TrialS3.ofFake() : TrialS3.ofReal(REAL, UUID.randomUUID().toString());
  private final List<S3Blobs> opened = new ArrayList<>();

  @Override
  protected Blobs reopen() {
    opened.add(trial.open(directory.resolve("spool" + opened.size())));
    return opened.getLast();
  }

  @AfterEach
  void close() {
    opened.forEach(S3Blobs::close);
    trial.close();
  }

  @Test
  void largeContentIsPutTogetherFromSegmentsAndMovedInParts() throws IOException {
    int large = (int) (3 * trial.sizes().segment() + 1_000);
    byte[] content = content(large);
    Digest digest = put(content);
    Blobs blobs = opened.getFirst();

    assertThat(read(digest, 0, large)).isEqualTo(content);
    assertThat(blobs.retire(digest, Instant.now())).isTrue();
    assertThat(blobs.size(digest)).isEmpty();
    assertThat(blobs.revive(digest)).isTrue();
    assertThat(read(digest, large - 500, 500))
        .isEqualTo(java.util.Arrays.copyOfRange(content, large - 500, large));
  }

  @Test
  void chunksOfAnySizeBecomePartsThatS3Takes() throws IOException {
    int small = (int) trial.sizes().smallestPart() / 3;
    int[] cuts = {0, small, 2 * small, 7 * small, 8 * small, 9 * small, 30 * small};
    byte[] content = content(cuts[cuts.length - 1]);
    Blobs blobs = opened.getFirst();
    Blobs.Upload upload = blobs.begin(Digest.Algorithm.SHA256);
    for (int i = 1; i < cuts.length; i++) {
      Blobs.Upload next = blobs.resume(upload.id()).orElseThrow();
      next.append(
          OptionalLong.of(cuts[i - 1]),
          new ByteArrayInputStream(content, cuts[i - 1], cuts[i] - cuts[i - 1]));
    }
    blobs.resume(upload.id()).orElseThrow().commit(Digest.sha256(content));

    assertThat(read(Digest.sha256(content), 0, content.length)).isEqualTo(content);
    assertThat(directory.resolve("spool0")).isEmptyDirectory();
  }

  @Test
  void replicasTakeTurnsWithAnUpload() throws IOException {
    byte[] content = content(90_000);
    Blobs one = opened.getFirst();
    Blobs two = reopen();
    Blobs.Upload begun = one.begin(Digest.Algorithm.SHA256);
    for (int i = 0; i < 9; i++) {
      Blobs replica = i % 2 == 0 ? two : one;
      replica
          .resume(begun.id())
          .orElseThrow()
          .append(
              OptionalLong.of(i * 10_000L), new ByteArrayInputStream(content, i * 10_000, 10_000));
    }
    Digest digest = Digest.of(Digest.Algorithm.SHA512, content);
    one.resume(begun.id()).orElseThrow().commit(digest);

    assertThat(two.size(digest)).hasValue(90_000);
    assertThat(two.resume(begun.id())).isEmpty();
    assertThat(one.resume(begun.id())).isEmpty();
  }

  private byte[] read(Digest digest, long offset, long length) throws IOException {
    try (Blob blob = opened.getFirst().open(digest).orElseThrow()) {
      return Channels.newInputStream(blob.from(offset, length)).readAllBytes();
    }
  }
}
