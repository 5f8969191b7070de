package dev.bulla.server;

import com.sun.security.auth.module.UnixSystem;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.store.Home;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How the resident process of a home is reached: what {@code resident/address} in the home says.
 *
 * <p>Two lines: {@code 1 PID BUILD SOCKET}, and the options of its Java runtime. The socket lies
 * beside it, unless the path would be longer than a UNIX address may be (104 bytes on macOS, 108 on
 * Linux, the last of them NUL).
 *
 * @param process its id
 */
public record ResidentAddress(long process, String build, Path socket, String options) {
  private static final String FORM = "1";
  private static final int MAX_SOCKET = 103;
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  /** The file that says it. */
  public static Path file(Home home) {
    return home.resident().resolve("address");
  }

  /**
   * @throws BullaException {@link ErrorCode#CONFIGURATION_INVALID} if there is a file that says
   *     something else
   */
  public static Optional<ResidentAddress> read(Home home) {
    Path file = file(home);
    try {
      List<String> lines = Files.readAllLines(file);
      String[] words = lines.isEmpty() ? new String[0] : lines.getFirst().split(" ", 4);
      if (lines.size() != 2 || words.length != 4 || !words[0].equals(FORM)) {
        throw unreadable(file, "it has another form");
      }
      return Optional.of(
          new ResidentAddress(Long.parseLong(words[1]), words[2], Path.of(words[3]), lines.get(1)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | NumberFormatException e) {
      throw unreadable(file, String.valueOf(e.getMessage()));
    }
  }

  /** Appears at once, in place of an earlier one. */
  void write(Home home) throws IOException {
    Path file = file(home);
    Path fresh = file.resolveSibling("address." + process);
    Files.writeString(fresh, "%s %d %s %s\n%s\n".formatted(FORM, process, build, socket, options));
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Where a process with this id may listen for a home; makes the directories. */
  static Path socketFor(Home home, Optional<String> runtimeDirectory, long process)
      throws IOException {
    sweep(ownDirectory(home.resident()));
    Path beside = home.resident().resolve(process + ".sock");
    if (bytes(beside) <= MAX_SOCKET) {
      return beside;
    }
    String name = digest(home.directory().toString()) + "-" + process + ".sock";
    Path given = Path.of(runtimeDirectory.filter(dir -> dir.startsWith("/")).orElse("/nowhere"));
    Path shared = given.resolve("bulla");
    if (Files.isDirectory(given) && bytes(shared.resolve(name)) <= MAX_SOCKET) {
      return ownDirectory(shared).resolve(name);
    }
    return ownDirectory(Path.of("/tmp/bulla-" + new UnixSystem().getUid())).resolve(name);
  }

  /** Takes away what was made for it, as far as others left it alone. */
  void remove(Home home) throws IOException {
    Files.deleteIfExists(socket);
    try {
      if (read(home).filter(this::equals).isPresent()) {
        Files.deleteIfExists(file(home));
      }
    } catch (BullaException e) {
      // no longer ours
    }
    for (Path directory : List.of(socket.getParent(), home.resident())) {
      try {
        Files.deleteIfExists(directory);
      } catch (DirectoryNotEmptyException e) {
        // somebody else is in it
      }
    }
  }

  /** Removes the sockets of processes that ended without doing so. */
  private static void sweep(Path directory) throws IOException {
    try (DirectoryStream<Path> sockets = Files.newDirectoryStream(directory, "*.sock")) {
      for (Path socket : sockets) {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
          channel.shutdownOutput(); // somebody is there
        } catch (IOException e) {
          Files.deleteIfExists(socket);
        }
      }
    }
  }

  /**
   * A directory that nobody else can enter; made if need be.
   *
   * @throws IOException if what is there is a link, somebody else's, or open to others
   */
  private static Path ownDirectory(Path directory) throws IOException {
    if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      try {
        Files.createDirectory(directory, OWNER_ONLY);
      } catch (java.nio.file.FileAlreadyExistsException e) {
        // made by another at this moment: judged like any
      }
    }
    Map<String, Object> found =
        Files.readAttributes(
            directory, "unix:uid,permissions,isDirectory", LinkOption.NOFOLLOW_LINKS);
    if (!Boolean.TRUE.equals(found.get("isDirectory"))
        || !(found.get("uid") instanceof Number user)
        || user.longValue() != new UnixSystem().getUid()
        || !OWNER_ONLY.value().equals(found.get("permissions"))) {
      throw new IOException(directory + " is not a directory for this user alone");
    }
    return directory;
  }

  private static int bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8).length;
  }

  private static String digest(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 10);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static BullaException unreadable(Path file, String why) {
    return new BullaException(
        ErrorCode.CONFIGURATION_INVALID,
        "cannot read " + file + ": " + why,
        "Remove it, and start the resident process again.");
  }
}
