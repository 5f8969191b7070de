package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where records and blobs are, if not in the home: what several replicas share.
 *
 * @param records the URL of {@link Records#open(String, List)}; empty for the home's own file
 * @param blobs a directory, as a path or {@code file:} URL, or an {@link S3Location}; empty for the
 *     home's own
 */
public record StoreLocations(Optional<String> records, Optional<String> blobs) {
  /** Everything in the home. */
  public static final StoreLocations HOME = new StoreLocations(Optional.empty(), Optional.empty());

  /** What {@code BULLA_RECORDS} and {@code BULLA_BLOBS} name. */
  public static StoreLocations of(Map<String, String> environment) {
    return new StoreLocations(
        set(environment.get("BULLA_RECORDS")), set(environment.get("BULLA_BLOBS")));
  }

  /** These, and where they name nothing, {@code other}. */
  public StoreLocations or(StoreLocations other) {
    return new StoreLocations(records.or(other::records), blobs.or(other::blobs));
  }

  /**
   * The same, with a directory that is named relative to {@code workingDirectory} made absolute.
   */
  public StoreLocations from(Path workingDirectory) {
    return new StoreLocations(
        records,
        blobs.map(place ->
            isUrl(place) ? place : workingDirectory.resolve(place).normalize().toString()));
  }

  /** Opens the records; those of the home if nothing else is named. */
  public Records openRecords(Home home, List<Schema> schemas) {
    return records
        .map(url -> Records.open(url, schemas))
        .orElseGet(() -> Records.open(home.records(), schemas));
  }

  /**
   * Opens the blobs; those of the home if nothing else is named.
   *
   * @throws BullaException {@link ErrorCode#CONFIGURATION_INVALID} if they are at no place that is
   *     known here, {@link ErrorCode#USAGE} if a bucket's address is none, {@link
   *     ErrorCode#BLOBS_UNAVAILABLE}
   */
  public Blobs openBlobs(Home home) {
    Optional<String> bucket = blobs.filter(place -> place.startsWith(S3Location.SCHEME + ":"));
    if (bucket.isPresent()) {
      return S3Blobs.open(S3Location.parse(bucket.get()), home.directory().resolve("spool"));
    }
    return FilesystemBlobs.open(blobs.map(StoreLocations::directory).orElseGet(home::blobs));
  }

  private static boolean isUrl(String place) {
    return place.startsWith("file:") || place.contains("://");
  }

  private static Path directory(String place) {
    if (place.startsWith("file:")) {
      return Path.of(URI.create(place));
    }
    if (isUrl(place)) {
      throw new BullaException(
          ErrorCode.CONFIGURATION_INVALID,
          "blobs cannot be kept at '" + Shown.text(place) + "'",
          "Name a directory or a bucket: s3://BUCKET/PREFIX.");
    }
    return Path.of(place);
  }

  private static Optional<String> set(@org.jspecify.annotations.Nullable String value) {
    return Optional.ofNullable(value).filter(text -> !text.isEmpty());
  }
}
