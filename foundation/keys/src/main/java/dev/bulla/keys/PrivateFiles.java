package dev.bulla.keys;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * Reads and writes files that hold secrets.
 *
 * <p>A file is created with its final mode under a passing name, written, synced and then linked to
 * its name: at no moment is there a readable or half-written key, and an existing one is never
 * replaced.
 */
final class PrivateFiles {
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private PrivateFiles() {}

  /** Creates {@code file} with mode 0600; fails if it exists. */
  static void createSecret(Path file, byte[] content) {
    create(file, content, "rw-------");
  }

  /** Creates {@code file} with mode 0644; fails if it exists. */
  static void createPublic(Path file, byte[] content) {
    create(file, content, "rw-r--r--");
  }

  /** Creates a directory with mode 0700 unless it is there. */
  static void createDirectory(Path directory) {
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
    } catch (IOException e) {
      throw unwritable(directory, e);
    }
  }

  /**
   * The whole file.
   *
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND}; {@link ErrorCode#KEY_INVALID} if it
   *     cannot be read
   */
  static byte[] read(Path file) {
    if (Files.isDirectory(file)) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND, file + ": this is a directory", "Name the file with the key.");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] content = in.readNBytes(Pem.MAX_BYTES + 1); // what is no plain file may have no end
      if (content.length > Pem.MAX_BYTES) {
        Arrays.fill(content, (byte) 0);
        throw new BullaException(
            ErrorCode.INPUT_TOO_LARGE,
            file + ": a key file has at most " + Pem.MAX_BYTES + " bytes");
      }
      return content;
    } catch (NoSuchFileException e) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, file + ": there is no such file", e);
    } catch (AccessDeniedException e) {
      throw new BullaException(
          ErrorCode.KEY_INVALID, file + ": cannot be read: permission denied", e);
    } catch (IOException e) {
      throw new BullaException(ErrorCode.KEY_INVALID, file + ": cannot be read: " + e, e);
    }
  }

  /**
   * Refuses a secret that others may read or write.
   *
   * @throws BullaException {@link ErrorCode#KEY_INVALID}
   */
  static void checkOwnerOnly(Path file) {
    try {
      FileStore store = Files.getFileStore(file);
      if (!store.supportsFileAttributeView(PosixFileAttributeView.class)) {
        return;
      }
      Set<PosixFilePermission> open = EnumSet.copyOf(Files.getPosixFilePermissions(file));
      String shown = PosixFilePermissions.toString(open);
      open.removeAll(
          EnumSet.of(
              PosixFilePermission.OWNER_READ,
              PosixFilePermission.OWNER_WRITE,
              PosixFilePermission.OWNER_EXECUTE));
      if (!open.isEmpty()) {
        throw new BullaException(
            ErrorCode.KEY_INVALID,
            "%s: the private key has mode %s, expected rw------- : others may use it"
                .formatted(file, shown),
            "If nobody else has read it: chmod 600 " + file + ". Otherwise make a new key.");
      }
    } catch (NoSuchFileException e) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, file + ": there is no such file", e);
    } catch (IOException e) {
      throw new BullaException(ErrorCode.KEY_INVALID, file + ": cannot be read: " + e, e);
    }
  }

  /** Moves {@code fresh} to the name of {@code file}, which is lost in the same moment. */
  static void replace(Path file, Path fresh) {
    try {
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  /** Deletes {@code file} if it is there. */
  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  /**
   * Deletes what creations of {@code file} that were killed left beside it; not while one may be at
   * work.
   */
  static void deleteUnfinished(Path file) {
    try (DirectoryStream<Path> unfinished =
        Files.newDirectoryStream(
            file.toAbsolutePath().getParent(), passingPrefix(file) + "*.tmp")) {
      for (Path one : unfinished) {
        Files.deleteIfExists(one);
      }
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  private static String passingPrefix(Path file) {
    return ".new-" + file.getFileName() + "-";
  }

  private static void create(Path file, byte[] content, String mode) {
    Path directory = file.toAbsolutePath().normalize().getParent();
    if (directory == null) {
      throw new BullaException(ErrorCode.USAGE, file + ": not the name of a file");
    }
    try {
      Path passing = Files.createTempFile(directory, passingPrefix(file), ".tmp", OWNER_ONLY);
      try {
        write(passing, content);
        Files.setPosixFilePermissions(passing, PosixFilePermissions.fromString(mode));
        Files.createLink(file, passing);
      } finally {
        Files.deleteIfExists(passing);
      }
      syncDirectory(directory);
    } catch (FileAlreadyExistsException e) {
      throw new BullaException(
          ErrorCode.CONFLICT,
          file + ": the file exists and is not replaced",
          "Name another file, or move it away.",
          e);
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  private static void write(Path file, byte[] content) throws IOException {
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
      ByteBuffer left = ByteBuffer.wrap(content);
      while (left.hasRemaining()) {
        out.write(left);
      }
      out.force(true);
    }
  }

  private static void syncDirectory(Path directory) throws IOException {
    try (FileChannel opened = FileChannel.open(directory, StandardOpenOption.READ)) {
      opened.force(true);
    }
  }

  private static BullaException unwritable(Path file, IOException e) {
    return new BullaException(ErrorCode.HOME_UNUSABLE, file + ": cannot be written: " + e, e);
  }
}
