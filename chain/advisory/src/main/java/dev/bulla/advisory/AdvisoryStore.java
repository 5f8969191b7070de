package dev.bulla.advisory;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * The advisory sets that were imported into a home directory.
 *
 * <p>A set is one file {@code advisories/sha256-HEX.zip}, named by the set's digest: the records as
 * they were published, the manifest, and an index that makes opening fast. The file {@code
 * advisories/current} names the set in use. Both are written aside, forced to disk and renamed, so
 * that a reader sees the old set or the new one. Any unzip program reads the file, and {@link
 * AdvisorySet#load} does too.
 */
public final class AdvisoryStore {
  private static final String CURRENT = "current";
  private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private final Path directory;

  /**
   * @param home {@code $BULLA_HOME}; need not exist yet
   */
  public AdvisoryStore(Path home) {
    this.directory = home.resolve("advisories");
  }

  /**
   * Stores what {@link AdvisorySet#load} reads from {@code sources} as one set and makes it the
   * current one.
   *
   * @throws BullaException as {@link AdvisorySet#load}; {@code DISK_FULL}, {@code HOME_UNUSABLE};
   *     the current set then stays
   */
  public SetIdentity importFrom(Path... sources) {
    return store(AdvisorySet.load(sources));
  }

  /** As {@link #importFrom}, but with {@link AdvisorySet#loadReadable}. */
  public SetIdentity importReadable(Path... sources) {
    return store(AdvisorySet.loadReadable(sources));
  }

  private SetIdentity store(AdvisorySet loaded) {
    try (AdvisorySet set = loaded) {
      Files.createDirectories(directory);
      Path file = file(set.digest());
      writeAside(file, out -> writeZip(set, out));
      byte[] line = (set.digest() + "\n").getBytes(StandardCharsets.US_ASCII);
      writeAside(directory.resolve(CURRENT), out -> out.write(line));
      return set.identity();
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /**
   * The set in use, to be closed by the caller; empty if none was imported.
   *
   * @throws BullaException {@code STORE_CORRUPT}
   */
  public Optional<AdvisorySet> current() {
    Path pointer = directory.resolve(CURRENT);
    try {
      String text = Files.readString(pointer, StandardCharsets.US_ASCII).strip();
      return Optional.of(open(Digest.parse(text)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | BullaException e) {
      if (e instanceof BullaException refusal && refusal.code() != ErrorCode.DIGEST_INVALID) {
        throw refusal;
      }
      throw StoredIndex.corrupt(pointer.toString(), "it names no set: " + e.getMessage());
    }
  }

  /**
   * A set that was imported, by its digest; to be closed by the caller.
   *
   * @throws BullaException {@code ADVISORY_SET_MISSING}, {@code STORE_CORRUPT}
   */
  public AdvisorySet open(Digest digest) {
    Path file = file(digest);
    if (!Files.exists(file)) {
      throw new BullaException(
          ErrorCode.ADVISORY_SET_MISSING,
          "the advisory set " + digest + " is not stored in " + directory,
          "Import it with 'bulla advisory import DIR|ZIP|FILE'.");
    }
    RecordFiles files = new RecordFiles();
    try {
      ZipFile zip = files.hold(new ZipFile(file.toFile()));
      String what = String.valueOf(file.getFileName());
      AdvisorySet set = AdvisorySet.of(files, manifest(zip, what), index(zip, what), what);
      if (!set.digest().equals(digest)) {
        throw StoredIndex.corrupt(what, "its records have the digest " + set.digest());
      }
      return set;
    } catch (IOException e) {
      closeQuietly(files, e);
      throw StoredIndex.corrupt(file.toString(), String.valueOf(e.getMessage()));
    } catch (BullaException e) {
      closeQuietly(files, e);
      throw e;
    }
  }

  private static List<IndexEntry> index(ZipFile zip, String what) throws IOException {
    try (InputStream in = new BufferedInputStream(entry(zip, StoredIndex.FILE), 1 << 16)) {
      return StoredIndex.read(
          in, what, i -> new RecordFile.InZip(zip, recordName(i), what + "!" + recordName(i)));
    }
  }

  private static SetManifest manifest(ZipFile zip, String what) throws IOException {
    try (InputStream in = entry(zip, SetManifest.FILE)) {
      return SetManifest.parse(in.readNBytes(1 << 20), what);
    }
  }

  private static InputStream entry(ZipFile zip, String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new IOException("it has no entry " + name);
    }
    return zip.getInputStream(entry);
  }

  private static void writeZip(AdvisorySet set, OutputStream out) throws IOException {
    ZipOutputStream zip = new ZipOutputStream(out);
    put(zip, SetManifest.FILE);
    zip.write(set.manifest().toJson());
    put(zip, StoredIndex.FILE);
    StoredIndex.write(set.entries(), zip);
    for (int i = 0; i < set.entries().size(); i++) {
      put(zip, recordName(i));
      zip.write(AdvisorySet.bytes(set.entries().get(i)));
    }
    zip.finish();
  }

  private static void put(ZipOutputStream zip, String name) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(NO_TIME);
    zip.putNextEntry(entry);
  }

  private static String recordName(int position) {
    return "records/" + position + ".json";
  }

  private Path file(Digest digest) {
    return directory.resolve(digest.algorithm().id() + "-" + digest.hex() + ".zip");
  }

  private interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  private void writeAside(Path target, Content content) throws IOException {
    Path aside = Files.createTempFile(directory, ".import-", ".tmp");
    try {
      try (FileChannel channel = FileChannel.open(aside, StandardOpenOption.WRITE)) {
        OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
        content.writeTo(out);
        out.flush();
        channel.force(true);
      }
      Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
      try (FileChannel parent = FileChannel.open(directory, StandardOpenOption.READ)) {
        parent.force(true);
      }
    } finally {
      Files.deleteIfExists(aside);
    }
  }

  private BullaException unusable(IOException e) {
    ErrorCode code = isFull() ? ErrorCode.DISK_FULL : ErrorCode.HOME_UNUSABLE;
    return new BullaException(
        code,
        "advisories: cannot store the set in "
            + directory
            + ": "
            + Shown.text(String.valueOf(e.getMessage())),
        code == ErrorCode.DISK_FULL
            ? "Free some space and import again; the set in use was not touched."
            : "Make the directory writable or name another with --home; the set in use was not"
                + " touched.",
        e);
  }

  private boolean isFull() {
    try {
      FileStore store = Files.getFileStore(directory);
      return store.getUsableSpace() < (1 << 20);
    } catch (IOException e) {
      return false;
    }
  }

  private static void closeQuietly(RecordFiles files, Exception cause) {
    try {
      files.close();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }
}
