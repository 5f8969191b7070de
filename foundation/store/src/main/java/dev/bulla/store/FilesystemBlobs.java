package dev.bulla.store;

import com.sun.nio.file.ExtendedOpenOption;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Blobs as files.
 *
 * <p><b>Layout.</b> {@code uploads/ID} holds what arrives; {@code ALGORITHM/aa/bb/HEX}, mode 0444,
 * holds what was verified; {@code trash/ALGORITHM-HEX} what was retired, its modification time
 * being that of the retirement; {@code bad/ALGORITHM-HEX} what was found damaged. All are in one
 * file system, so a rename moves a blob from the one to the other at once or not at all.
 *
 * <p><b>Durability.</b> A commit forces the file, renames it, then forces the directory that holds
 * it and, the first time, the directories above, from the inside out. Only then does it return.
 * After a crash there is either the whole blob or an upload whose length is its offset; the hash of
 * the bytes before the crash is computed anew when the upload goes on.
 */
public final class FilesystemBlobs implements Blobs {
  private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");
  private static final String UPLOADS = "uploads";

  private final Path root;
  private final Path uploads;
  private final SideFiles trash;
  private final SideFiles bad;
  private final Opener opener;
  private final DirectWrites directWrites;
  private final CopyBuffers copyBuffers = new CopyBuffers();
  private final ConcurrentHashMap<String, FileUpload> live = new ConcurrentHashMap<>();

  /**
   * Shards whose own directory entries this process has forced; a directory that is there need not
   * be durable yet.
   */
  private final Set<String> forced = ConcurrentHashMap.newKeySet();

  /** How the file of an upload is opened; a test may put a full disk in its place. */
  @FunctionalInterface
  interface Opener {
    FileChannel append(Path file) throws IOException;

    /**
     * Past the system's cache.
     *
     * @throws UnsupportedOperationException if this system cannot do it
     * @throws IOException if the file system cannot
     */
    default FileChannel direct(Path file) throws IOException {
      return FileChannel.open(file, StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT);
    }
  }

  private FilesystemBlobs(Path root, Opener opener) {
    this.root = root;
    this.uploads = root.resolve(UPLOADS);
    this.trash = new SideFiles(root.resolve("trash"));
    this.bad = new SideFiles(root.resolve("bad"));
    this.opener = opener;
    this.directWrites = new DirectWrites(opener);
  }

  /**
   * Opens the blobs below {@code root}, making the directory if need be.
   *
   * @throws BullaException {@link ErrorCode#HOME_UNUSABLE} if it cannot be written
   */
  public static FilesystemBlobs open(Path root) {
    return open(root, file -> FileChannel.open(file, StandardOpenOption.APPEND));
  }

  static FilesystemBlobs open(Path root, Opener opener) {
    FilesystemBlobs blobs = new FilesystemBlobs(root, opener);
    try {
      Files.createDirectories(blobs.uploads);
      return blobs;
    } catch (IOException e) {
      throw DiskFaults.of(e, root, "making the blob directory " + root);
    }
  }

  @Override
  public Upload begin(String id, Digest.Algorithm likely) {
    Path file = uploads.resolve(id);
    try {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (IOException e) {
      throw DiskFaults.of(e, uploads, "beginning an upload");
    }
    FileUpload upload = new FileUpload(this, id, file, likely, 0);
    live.put(id, upload);
    return upload;
  }

  @Override
  public Optional<Upload> resume(String id) {
    if (!ID.matcher(id).matches()) {
      return Optional.empty();
    }
    Path file = uploads.resolve(id);
    try {
      long size = Files.size(file);
      FileUpload known = live.get(id);
      if (known != null) {
        known.follow();
        return Optional.of(known);
      }
      FileUpload found = new FileUpload(this, id, file, Digest.Algorithm.SHA256, size);
      FileUpload other = live.putIfAbsent(id, found);
      return Optional.of(other == null ? found : other);
    } catch (NoSuchFileException e) {
      live.remove(id); // another process that shares the directory may have ended it
      return Optional.empty();
    } catch (IOException e) {
      throw DiskFaults.of(e, file, "resuming upload " + id);
    }
  }

  @Override
  public List<String> uploads() {
    try (Stream<Path> files = Files.list(uploads)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(ID.asMatchPredicate())
          .toList();
    } catch (IOException e) {
      throw DiskFaults.of(e, uploads, "listing uploads");
    }
  }

  @Override
  public List<String> restingUploads(Instant before) {
    return uploads().stream().filter(id -> rests(id, before)).toList();
  }

  @Override
  public void expireUploads(Instant before) {
    for (String id : restingUploads(before)) {
      try {
        resume(id).ifPresent(Upload::abort);
      } catch (BullaException e) {
        if (e.code() != ErrorCode.CONFLICT && e.code() != ErrorCode.UPLOAD_NOT_FOUND) {
          throw e;
        }
        // it is being written, or has just ended by itself
      }
    }
  }

  private boolean rests(String id, Instant before) {
    try {
      return Files.getLastModifiedTime(uploads.resolve(id)).toInstant().isBefore(before);
    } catch (NoSuchFileException e) {
      return false; // it has just ended by itself
    } catch (IOException e) {
      throw DiskFaults.of(e, uploads, "looking at upload " + id);
    }
  }

  @Override
  public Optional<Blob> open(Digest digest) {
    try {
      FileChannel channel = FileChannel.open(fileOf(digest), StandardOpenOption.READ);
      return Optional.of(new OpenFile(channel, channel.size()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw DiskFaults.of(e, root, "opening blob " + digest);
    }
  }

  @Override
  public OptionalLong size(Digest digest) {
    try {
      return OptionalLong.of(Files.size(fileOf(digest)));
    } catch (NoSuchFileException e) {
      return OptionalLong.empty();
    } catch (IOException e) {
      throw DiskFaults.of(e, root, "looking for blob " + digest);
    }
  }

  @Override
  public boolean delete(Digest digest) {
    try {
      return Files.deleteIfExists(fileOf(digest));
    } catch (IOException e) {
      throw DiskFaults.of(e, root, "deleting blob " + digest);
    }
  }

  @Override
  public boolean retire(Digest digest, Instant now) {
    return trash.take(fileOf(digest), digest, now);
  }

  @Override
  public boolean revive(Digest digest) {
    Path file = trash.place(digest);
    try {
      if (!SideFiles.holds(file, digest)) {
        return false;
      }
      publish(file, digest);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw DiskFaults.of(e, file, "bringing back blob " + digest);
    }
  }

  @Override
  public long purge(Duration age, Instant now) {
    return trash.purge(age, now);
  }

  @Override
  public long retiredBytes() {
    return trash.bytes();
  }

  @Override
  public boolean setAside(Digest digest, Instant now) {
    return bad.take(fileOf(digest), digest, now);
  }

  @Override
  public Optional<Instant> since(Digest digest) {
    try {
      return Optional.of(Files.getLastModifiedTime(fileOf(digest)).toInstant());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw DiskFaults.of(e, root, "looking for blob " + digest);
    }
  }

  @Override
  public Stream<Digest> list() {
    return Arrays.stream(Digest.Algorithm.values())
        .flatMap(algorithm ->
            namesIn(root.resolve(algorithm.id()))
                .flatMap(FilesystemBlobs::namesIn)
                .flatMap(FilesystemBlobs::namesIn)
                .flatMap(file -> digestOf(algorithm, file).stream()));
  }

  /** What lies in a directory, whose files may come and go while it is read. */
  private static Stream<Path> namesIn(Path directory) {
    try {
      return Files.list(directory);
    } catch (NoSuchFileException | NotDirectoryException e) {
      return Stream.empty();
    } catch (IOException e) {
      throw DiskFaults.of(e, directory, "listing blobs");
    }
  }

  CopyBuffers copyBuffers() {
    return copyBuffers;
  }

  Optional<DirectWrites.Blocks> openForBlocks(Path file) {
    return directWrites.open(file);
  }

  FileChannel openForAppend(Path file) throws IOException {
    return opener.append(file);
  }

  void forget(String id) {
    live.remove(id);
  }

  /** Moves a forced file to its final place; durable when this returns. */
  void publish(Path file, Digest digest) throws IOException {
    Path target = fileOf(digest);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
    Path parent = parentOf(target);
    Files.createDirectories(parent);
    Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
    force(parent);
    String shard = root.relativize(parent).toString();
    if (!forced.contains(shard)) {
      force(parentOf(parent));
      force(parentOf(parentOf(parent)));
      force(root);
      forced.add(shard);
    }
  }

  private static void force(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static Path parentOf(Path path) {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IllegalArgumentException(path + " has no parent");
    }
    return parent;
  }

  private Path fileOf(Digest digest) {
    String hex = digest.hex();
    return root.resolve(digest.algorithm().id())
        .resolve(hex.substring(0, 2))
        .resolve(hex.substring(2, 4))
        .resolve(hex);
  }

  private static Optional<Digest> digestOf(Digest.Algorithm algorithm, Path file) {
    try {
      return Optional.of(new Digest(algorithm, file.getFileName().toString()));
    } catch (BullaException e) {
      return Optional.empty();
    }
  }

  private record OpenFile(FileChannel channel, long size) implements Blob {
    @Override
    public ReadableByteChannel from(long offset) throws IOException {
      return channel.position(offset);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
