package dev.bulla.registry;

import dev.bulla.core.Digest;
import dev.bulla.store.Records;
import dev.bulla.store.S3Location;
import dev.bulla.store.Schema;
import dev.bulla.store.StoreLocations;
import dev.bulla.testkit.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Where the suites keep records and blobs: in the home, or where properties say. {@code
 * -Dbulla.test.blobs=s3://BUCKET?…} gives each home a prefix of its own, with credentials of the
 * environment; {@code -Dbulla.test.records=postgresql} a schema of its own, a URL that one.
 */
final class TrialStores {
  private static final String BLOBS = System.getProperty("bulla.test.blobs", "");
  private static final String RECORDS = System.getProperty("bulla.test.records", "");
  private static final Map<List<Schema>, byte[]> TABLES = new ConcurrentHashMap<>();
  private static final Map<Path, StoreLocations> PLACES = new ConcurrentHashMap<>();

  private TrialStores() {}

  /** The same for the same home, also after a restart. */
  static StoreLocations of(Path home) {
    return PLACES.computeIfAbsent(
        home,
        h ->
            new StoreLocations(
                records(), BLOBS.isEmpty() ? Optional.empty() : Optional.of(bucket().toString())));
  }

  /**
   * Lays records with all tables into a home that has none. To make the tables takes longer than
   * most tests, so it is done once.
   */
  static void lay(Path home, List<Schema> schemas) {
    Path file = home.resolve("records.db");
    if (isShared() || Files.exists(file)) {
      return;
    }
    try {
      Files.write(file, TABLES.computeIfAbsent(schemas, TrialStores::tables));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] tables(List<Schema> schemas) {
    try {
      Path directory = Files.createTempDirectory("tables");
      Path file = directory.resolve("records.db");
      Records.open(file, schemas).close();
      byte[] tables = Files.readAllBytes(file);
      try (Stream<Path> left = Files.list(directory)) {
        for (Path one : left.toList()) {
          Files.delete(one);
        }
      }
      Files.delete(directory);
      return tables;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether several processes may write the records. */
  static boolean isShared() {
    return !RECORDS.isEmpty();
  }

  private static Optional<String> records() {
    return switch (RECORDS) {
      case "" -> Optional.empty();
      case "postgresql" -> Optional.of(PostgresServer.shared().newSchema());
      default -> Optional.of(RECORDS);
    };
  }

  private static S3Location bucket() {
    S3Location base = S3Location.parse(BLOBS);
    return new S3Location(
        base.bucket(),
        UUID.randomUUID().toString(),
        base.endpoint(),
        base.region(),
        base.pathStyle());
  }

  /** Skips a test that looks at the files of blobs. */
  static void needFiles() {
    Assumptions.assumeTrue(BLOBS.isEmpty(), "the blobs of this run are no files");
  }

  /** Gives a blob other content, as a failing disk would. */
  static void overwrite(Path home, Digest digest, byte[] content) throws IOException {
    Optional<String> bucket = of(home).blobs();
    if (bucket.isPresent()) {
      overwrite(S3Location.parse(bucket.get()), digest, content);
      return;
    }
    try (Stream<Path> files = Files.walk(home.resolve("blobs/sha256"))) {
      Path file = files.filter(f -> f.endsWith(digest.hex())).findFirst().orElseThrow();
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
      Files.write(file, content);
    }
  }

  private static void overwrite(S3Location place, Digest digest, byte[] content) {
    try (S3Client client =
        S3Client.builder()
            .endpointOverride(place.endpoint().orElseThrow())
            .region(Region.of(place.region().orElse("us-east-1")))
            .forcePathStyle(place.pathStyle())
            .build()) {
      String key = "%s/blobs/sha256/%s".formatted(place.prefix(), digest.hex());
      client.putObject(r -> r.bucket(place.bucket()).key(key), RequestBody.fromBytes(content));
    }
  }
}
