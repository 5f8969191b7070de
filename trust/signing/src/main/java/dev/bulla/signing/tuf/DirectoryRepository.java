package dev.bulla.signing.tuf;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** A repository in directories: a mirror behind an air gap. */
public final class DirectoryRepository implements RepositoryFiles {
  private final Path metadata;
  private final Path targets;

  public DirectoryRepository(Path metadata, Path targets) {
    this.metadata = metadata;
    this.targets = targets;
  }

  @Override
  public Optional<byte[]> metadata(String name, int limit) {
    return read(metadata.resolve(name), limit);
  }

  @Override
  public Optional<byte[]> target(String path, int limit) {
    Path file = targets;
    for (String segment : path.split("/", -1)) {
      String name = URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
      if (name.isEmpty() || name.equals(".") || name.equals("..") || name.contains("/")) {
        return Optional.empty();
      }
      file = file.resolve(name);
    }
    return read(file, limit);
  }

  private static Optional<byte[]> read(Path file, int limit) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(limit + 1);
      if (bytes.length > limit) {
        throw new BullaException(
            ErrorCode.INPUT_TOO_LARGE,
            "%s: longer than the %d bytes that are read of it".formatted(file, limit));
      }
      return Optional.of(bytes);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.TRUST_REPOSITORY_UNAVAILABLE, "%s cannot be read: %s".formatted(file, e), e);
    }
  }
}
