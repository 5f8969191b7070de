package dev.bulla.store;

import dev.bulla.core.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * Blobs that were taken out of sight, each a file {@code ALGORITHM-HEX} whose modification time
 * says when. The directory is made when it is first needed.
 */
final class SideFiles {
  private final Path directory;

  SideFiles(Path directory) {
    this.directory = directory;
  }

  Path place(Digest digest) {
    return directory.resolve(digest.algorithm().id() + "-" + digest.hex());
  }

  /** Moves a file here; false if there was none. */
  boolean take(Path file, Digest digest, Instant now) {
    try {
      Files.createDirectories(directory);
      // before the move, so that a crash between the two does not leave it with its old time
      Files.setLastModifiedTime(file, FileTime.from(now));
      Files.move(file, place(digest), StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw DiskFaults.of(e, directory, "moving blob " + digest + " to " + directory);
    }
  }

  /** Deletes what came more than {@code age} before {@code now}; returns its bytes. */
  long purge(Duration age, Instant now) {
    long freed = 0;
    for (Path file : files()) {
      try {
        Instant came = Files.getLastModifiedTime(file).toInstant();
        if (came.isAfter(now)) {
          Files.setLastModifiedTime(file, FileTime.from(now));
        } else if (came.isBefore(now.minus(age))) {
          long size = Files.size(file);
          freed += Files.deleteIfExists(file) ? size : 0;
        }
      } catch (NoSuchFileException e) {
        // it was brought back meanwhile
      } catch (IOException e) {
        throw DiskFaults.of(e, directory, "freeing " + file.getFileName());
      }
    }
    return freed;
  }

  long bytes() {
    long sum = 0;
    for (Path file : files()) {
      try {
        sum += Files.size(file);
      } catch (NoSuchFileException e) {
        // freed or brought back meanwhile
      } catch (IOException e) {
        throw DiskFaults.of(e, directory, "measuring " + directory);
      }
    }
    return sum;
  }

  /** Whether the bytes of a file are those of a digest. */
  static boolean holds(Path file, Digest digest) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return Digest.of(digest.algorithm(), in).equals(digest);
    }
  }

  private List<Path> files() {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw DiskFaults.of(e, directory, "listing " + directory);
    }
  }
}
