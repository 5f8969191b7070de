package dev.bulla.pipeline;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A temporary directory that goes with the run. */
public record WorkDirectory(Path path) implements AutoCloseable {
  public static WorkDirectory create() {
    try {
      return new WorkDirectory(Files.createTempDirectory("bulla-"));
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.DISK_FULL,
          "cannot make a temporary directory: " + e.getMessage(),
          "Free space, or name another place: BULLA_JAVA_OPTS=-Djava.io.tmpdir=DIR.",
          e);
    }
  }

  /** A sub-directory, made now. */
  public Path directory(String name) {
    try {
      return Files.createDirectories(path.resolve(name));
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.DISK_FULL, "cannot make " + name + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    try (Stream<Path> files = Files.walk(path)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      System.getLogger("bulla").log(System.Logger.Level.WARNING, "left behind: " + path, e);
    }
  }
}
