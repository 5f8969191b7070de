package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The right to write a home, held by at most one process.
 *
 * <p>The operating system drops it with the process, however that ends, so there is nothing to
 * clean up after a crash. The lock file says who holds it; that text is for messages only and
 * decides nothing.
 */
public final class HomeLock implements AutoCloseable {
  private static final int SHOWN = 200;

  private final FileChannel channel;
  private final FileLock lock;

  private HomeLock(FileChannel channel, FileLock lock) {
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Takes the lock, making the home directory if need be.
   *
   * @throws BullaException {@link ErrorCode#HOME_LOCKED} naming the holder; {@link
   *     ErrorCode#HOME_UNUSABLE} or {@link ErrorCode#DISK_FULL} if the directory cannot be written
   */
  public static HomeLock acquire(Home home) {
    home.create();
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              home.lockFile(),
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw held(home, channel);
      }
      HomeLock held = new HomeLock(channel, lock);
      held.write("process " + ProcessHandle.current().pid());
      return held;
    } catch (OverlappingFileLockException e) {
      throw held(home, channel);
    } catch (IOException e) {
      closeQuietly(channel);
      throw home.unusable(e);
    }
  }

  /** Whether some process holds the lock right now; never creates anything. */
  public static boolean isHeld(Home home) {
    if (!Files.exists(home.lockFile())) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(home.lockFile(), StandardOpenOption.WRITE)) {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        lock.release();
      }
      return lock == null;
    } catch (OverlappingFileLockException e) {
      return true;
    } catch (IOException e) {
      throw home.unusable(e);
    }
  }

  /** Adds where the holder can be reached, for the message that others get. */
  public void announce(URI address) {
    try {
      write("process " + ProcessHandle.current().pid() + " at " + address);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      lock.release();
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(String holder) throws IOException {
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(holder.getBytes(StandardCharsets.UTF_8)), 0);
  }

  private static BullaException held(Home home, @Nullable FileChannel channel) {
    String holder = "another process";
    try (channel) {
      if (channel != null) {
        ByteBuffer text = ByteBuffer.allocate(SHOWN);
        channel.read(text, 0);
        String found = StandardCharsets.UTF_8.decode(text.flip()).toString();
        holder = found.isBlank() ? holder : Shown.text(found);
      }
    } catch (IOException e) {
      // who holds it stays unknown; that it is held is what counts
    }
    return new BullaException(
        ErrorCode.HOME_LOCKED,
        "the data directory " + home.directory() + " is in use by " + holder,
        "Use the running server, stop it with 'bulla stop', or name another directory with"
            + " --home.");
  }

  private static void closeQuietly(@Nullable FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // the first failure is the one to report
      }
    }
  }
}
