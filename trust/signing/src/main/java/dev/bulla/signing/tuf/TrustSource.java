package dev.bulla.signing.tuf;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.net.URI;
import java.nio.file.Path;

/**
 * Where a repository is: on the web ({@code https}, {@code http}) or in a directory ({@code file},
 * such as a mirror that was carried behind an air gap).
 *
 * @param metadata directory of metadata files
 * @param targets directory of target files
 */
public record TrustSource(URI metadata, URI targets) {

  /** Both in their usual places: targets in {@code targets/} below the metadata. */
  public static TrustSource of(URI metadata) {
    String text = metadata.toString();
    return new TrustSource(
        metadata, URI.create(text + (text.endsWith("/") ? "" : "/") + "targets/"));
  }

  /**
   * Opens it.
   *
   * @throws BullaException {@link ErrorCode#USAGE} for another kind of address
   */
  public RepositoryFiles open() {
    return "file".equals(metadata.getScheme()) && "file".equals(targets.getScheme())
        ? new DirectoryRepository(directory(metadata), directory(targets))
        : new HttpRepository(metadata, targets);
  }

  private static Path directory(URI address) {
    try {
      return Path.of(address);
    } catch (IllegalArgumentException e) {
      throw new BullaException(
          ErrorCode.USAGE, "'%s' is no address of a directory".formatted(address), e);
    }
  }
}
