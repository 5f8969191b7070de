package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Lets one creation at a time work in a directory, among all processes and all threads.
 *
 * <p>Among processes the operating system's lock on a file counts, which ends with its process
 * however that ends; the file alone means nothing. Within a process those locks do not exclude each
 * other, so a guard stands before them; creations are rare and short, so that one guard for all
 * directories is enough.
 *
 * <p>The file is removed when the work is done. Whoever waits on the removed file is let in beside
 * somebody who made a new one; therefore the work must begin by looking whether it has been done
 * already, and a removal must come after it is done.
 */
final class CreationLock {
  private static final String NAME = ".creating";
  private static final ReentrantLock GUARD = new ReentrantLock();

  private CreationLock() {}

  /**
   * Runs {@code work}, which looks first whether there is anything left to do; waits for its turn
   * without limit.
   *
   * @throws BullaException {@link ErrorCode#HOME_UNUSABLE} if the directory cannot be written
   */
  static <T> T whileHeld(Path directory, Supplier<T> work) {
    Path file = directory.resolve(NAME);
    GUARD.lock();
    try (FileChannel channel = open(file)) {
      channel.lock(); // given back when the channel closes
      T result = work.get();
      Files.deleteIfExists(file);
      return result;
    } catch (IOException e) {
      throw new BullaException(ErrorCode.HOME_UNUSABLE, file + ": cannot be locked: " + e, e);
    } finally {
      GUARD.unlock();
    }
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file,
        Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
  }
}
