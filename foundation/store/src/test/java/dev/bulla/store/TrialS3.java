package dev.bulla.store;

import dev.bulla.testkit.FakeS3;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** A place for blobs that a test has for itself. */
record TrialS3(
    S3Location location,
    S3Sizes sizes,
    S3Patience patience,
    AwsCredentialsProvider credentials,
    Optional<FakeS3> fake)
    implements AutoCloseable {
  private static final int KIB = 1024;

  /** A fake with small parts and little patience. */
  static TrialS3 ofFake() {
    FakeS3 fake = FakeS3.start(16 * KIB);
    return new TrialS3(
        new S3Location(
            "bucket", "some/prefix", Optional.of(fake.endpoint()), Optional.empty(), true),
        new S3Sizes(64 * KIB, 16 * KIB, 100 * KIB, 8 * KIB),
        new S3Patience(Duration.ofMinutes(1), Duration.ofMinutes(1), 3, Duration.ofMillis(1)),
        StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "secret")),
        Optional.of(fake));
  }

  /** A real server, with the smallest parts that it takes. */
  static TrialS3 ofReal(String url, String prefix) {
    S3Location base = S3Location.parse(url);
    int smallest = 5 * KIB * KIB;
    return new TrialS3(
        new S3Location(base.bucket(), prefix, base.endpoint(), base.region(), base.pathStyle()),
        new S3Sizes(smallest, smallest, 2 * smallest, 256 * KIB),
        S3Patience.USUAL,
        DefaultCredentialsProvider.builder().build(),
        Optional.empty());
  }

  S3Blobs open(Path spool) {
    return S3Blobs.open(location, spool, sizes, patience, credentials);
  }

  TrialS3 impatient() {
    S3Patience little =
        new S3Patience(Duration.ofMinutes(1), Duration.ofMillis(100), 2, Duration.ofMillis(1));
    return new TrialS3(location, sizes, little, credentials, fake);
  }

  @Override
  public void close() {
    fake.ifPresent(FakeS3::close);
  }
}
