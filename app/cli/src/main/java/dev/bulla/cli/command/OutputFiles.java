package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writes files that the user asked for: afterwards there is the whole file, or what was before. */
final class OutputFiles {
  private OutputFiles() {}

  /**
   * @throws BullaException {@link ErrorCode#CONFLICT}
   */
  static void refuseExisting(Path file, boolean replace) {
    if (!replace && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new BullaException(
          ErrorCode.CONFLICT, file + " exists already", "Give --force to replace it.");
    }
  }

  /**
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND} if the directory is not there or takes
   *     no file
   */
  static void write(Path file, byte[] content) {
    try {
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        Files.write(file, content, StandardOpenOption.WRITE); // a pipe or a device
        return;
      }
      Path part = file.resolveSibling("." + UUID.randomUUID() + ".part");
      try {
        Files.write(part, content, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND, "cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND} if the file cannot be made for want of
   *     a directory
   */
  static void checkDirectory(Path file) {
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null && !Files.isDirectory(directory)) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, "there is no directory " + directory);
    }
  }
}
