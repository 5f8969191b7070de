package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes into a layout directory. A blob appears under its name only once it is complete, verified
 * and on the disk; {@code index.json} is replaced as a whole, by one writer at a time (a lock on
 * the file {@code oci-layout}, among threads and among processes).
 */
final class LayoutWriter {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int BUFFER = 256 * 1024;
  private static final byte[] MARKER =
      "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

  private final Path root;

  private LayoutWriter(Path root) {
    this.root = root;
  }

  /** Makes {@code root} a layout if it is none; refuses a directory that holds anything else. */
  static LayoutWriter create(Path root) {
    LayoutWriter writer = new LayoutWriter(root);
    try {
      Files.createDirectories(root);
      if (!Files.exists(root.resolve("oci-layout"))) {
        if (!writer.isFresh()) {
          throw new BullaException(
              ErrorCode.LAYOUT_INVALID,
              root + " holds files but is not an OCI layout",
              "Give an empty or new directory.");
        }
        Files.createDirectories(root.resolve("blobs/sha256"));
        if (!Files.exists(root.resolve("index.json"))) {
          writer.replace("index.json", LayoutIndex.empty().toJson());
        }
        writer.replace("oci-layout", MARKER);
      }
      return writer;
    } catch (IOException e) {
      throw writer.failed("cannot be made an OCI layout", e);
    }
  }

  /** Empty, or what a creation that was cut short has left. */
  private boolean isFresh() throws IOException {
    try (var children = Files.list(root)) {
      return children
          .map(child -> child.getFileName().toString())
          .allMatch(child ->
              child.equals("blobs") || child.equals("index.json") || child.startsWith(".bulla-"));
    }
  }

  void writeBlob(Descriptor blob, BlobSource source) {
    Path directory = root.resolve("blobs").resolve(blob.digest().algorithm().id());
    Path target = directory.resolve(blob.digest().hex());
    String what = "blob " + blob.digest() + " for " + root;
    try {
      Files.createDirectories(directory);
      Path temporary = Files.createTempFile(root, ".bulla-", ".tmp");
      try {
        try (InputStream in = Contents.verified(source.open(), blob, what)) {
          copy(in, temporary);
        }
        share(temporary);
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(temporary);
      }
      sync(directory);
    } catch (IOException e) {
      throw failed("cannot take " + blob.digest(), e);
    }
  }

  void deleteBlob(Digest digest) {
    try {
      Files.deleteIfExists(root.resolve(LayoutRepository.blobName(digest)));
    } catch (IOException e) {
      throw failed("cannot remove " + digest, e);
    }
  }

  /** Replaces {@code index.json} by what {@code change} returns, while nobody else does. */
  void updateIndex(Supplier<LayoutIndex> change) {
    try (FileChannel channel =
        FileChannel.open(root.resolve("oci-layout"), StandardOpenOption.WRITE)) {
      long giveUp = System.nanoTime() + PATIENCE.toNanos();
      @Nullable FileLock lock = tryLock(channel);
      while (lock == null) {
        if (System.nanoTime() > giveUp || Thread.currentThread().isInterrupted()) {
          throw new BullaException(
              ErrorCode.CONFLICT,
              "%s: another writer has kept its lock for %d s".formatted(root, PATIENCE.toSeconds()),
              "Wait until the other program is done, then try again.");
        }
        Backoff.pause(Duration.ofMillis(5));
        lock = tryLock(channel);
      }
      replace("index.json", change.get().toJson());
    } catch (IOException e) {
      throw failed("index.json cannot be written", e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // another thread of this process
    }
  }

  private void replace(String name, byte[] content) throws IOException {
    Path temporary = Files.createTempFile(root, ".bulla-", ".tmp");
    try {
      copy(new java.io.ByteArrayInputStream(content), temporary);
      share(temporary);
      Files.move(
          temporary,
          root.resolve(name),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
    sync(root);
  }

  private static void copy(InputStream in, Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      OutputStream out = Channels.newOutputStream(channel);
      byte[] buffer = new byte[BUFFER];
      for (int n = in.readNBytes(buffer, 0, BUFFER); n > 0; n = in.readNBytes(buffer, 0, BUFFER)) {
        out.write(buffer, 0, n);
      }
      if (in.read() >= 0) {
        throw new IOException("the source went on after its end");
      }
      channel.force(true);
    }
  }

  /** Temporary files are private; a layout is readable like any other directory of files. */
  private static void share(Path file) throws IOException {
    try {
      Files.setPosixFilePermissions(
          file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
    } catch (UnsupportedOperationException e) {
      // no such permissions on this file system
    }
  }

  /** Makes a rename durable where directories can be synchronised. */
  private static void sync(Path directory) {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // not possible on this file system
    }
  }

  private BullaException failed(String what, IOException e) {
    boolean full =
        e instanceof FileSystemException fs
            ? String.valueOf(fs.getReason()).toLowerCase(Locale.ROOT).contains("no space")
            : String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT).contains("no space");
    return full
        ? new BullaException(
            ErrorCode.DISK_FULL,
            "%s: %s: the disk is full".formatted(root, what),
            "Free some space and try again; what was complete is kept.",
            e)
        : new BullaException(
            ErrorCode.LAYOUT_INVALID,
            "%s: %s: %s".formatted(root, what, e),
            "Check that the directory may be written.",
            e);
  }
}
