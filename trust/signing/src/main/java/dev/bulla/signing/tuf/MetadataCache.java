package dev.bulla.signing.tuf;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The directory in which trusted metadata lie, one file for each role, as they came.
 *
 * <p>A file is written under a passing name, synced and renamed, so that there is always a whole
 * one, also after a power cut. One refresh at a time works in a directory: among processes the
 * operating system's lock on a file counts, which ends with its process; within a process one guard
 * for all directories stands before it, for a refresh is rare and bounded. What is read is verified
 * by the reader.
 */
public final class MetadataCache {
  private static final ReentrantLock GUARD = new ReentrantLock();
  private static final String LOCK = ".lock";
  private static final String PASSING = ".new";

  private final Path directory;

  /** A directory that need not exist yet. */
  public MetadataCache(Path directory) {
    this.directory = directory.toAbsolutePath().normalize();
  }

  public Path directory() {
    return directory;
  }

  /**
   * Puts a first root there, without looking at it; every refresh verifies it.
   *
   * @throws BullaException {@link ErrorCode#HOME_UNUSABLE}
   */
  public void begin(byte[] root) {
    write(Role.ROOT.id(), root);
  }

  /**
   * The file of a role.
   *
   * @throws BullaException {@link ErrorCode#HOME_UNUSABLE} if it cannot be read
   */
  Optional<byte[]> read(String role) {
    Path file = file(role);
    try {
      return Optional.of(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unusable(file, e);
    }
  }

  void write(String role, byte[] content) {
    store(directory, fileName(role), content);
  }

  void delete(String role) {
    try {
      Files.deleteIfExists(file(role));
    } catch (IOException e) {
      throw unusable(directory, e);
    }
  }

  /** Runs {@code work} while nobody else does in this directory; waits for its turn. */
  <T> T whileHeld(Supplier<T> work) {
    GUARD.lock();
    try {
      Files.createDirectories(directory);
      try (FileChannel channel =
          FileChannel.open(
              directory.resolve(LOCK), StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
        channel.lock(); // given back when the channel closes
        return work.get();
      }
    } catch (IOException e) {
      throw unusable(directory, e);
    } finally {
      GUARD.unlock();
    }
  }

  /** Replaces a file as a whole. Only one writer may be at work in its directory. */
  static void store(Path directory, String name, byte[] content) {
    Path file = directory.resolve(name);
    try {
      Files.createDirectories(directory);
      Path passing = directory.resolve(name + PASSING);
      try (FileChannel out =
          FileChannel.open(
              passing,
              StandardOpenOption.WRITE,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING)) {
        ByteBuffer left = ByteBuffer.wrap(content);
        while (left.hasRemaining()) {
          out.write(left);
        }
        out.force(true);
      }
      Files.move(
          passing, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      try (FileChannel opened = FileChannel.open(directory, StandardOpenOption.READ)) {
        opened.force(true);
      }
    } catch (IOException e) {
      throw unusable(file, e);
    }
  }

  private Path file(String role) {
    return directory.resolve(fileName(role));
  }

  private static String fileName(String role) {
    return FileNames.quoted(role) + ".json";
  }

  private static BullaException unusable(Path file, IOException e) {
    return new BullaException(
        ErrorCode.HOME_UNUSABLE, file + ": cannot be read or written: " + e, e);
  }
}
