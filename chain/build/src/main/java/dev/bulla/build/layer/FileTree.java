package dev.bulla.build.layer;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Paths and their entries, in the order of a layer. Not thread-safe while it is filled.
 *
 * <p>Its digest is the SHA-256 of one line for each entry, in order: {@code d MODE}, {@code f MODE
 * SIZE SHA256} or {@code l TARGET}, each followed by a space, the path and a NUL. Owners are left
 * out: they come from the template.
 */
public final class FileTree {
  private final SortedMap<ImagePath, Entry> entries = new TreeMap<>();
  private long size;

  public SortedMap<ImagePath, Entry> entries() {
    return Collections.unmodifiableSortedMap(entries);
  }

  public Optional<Entry> at(ImagePath path) {
    return Optional.ofNullable(entries.get(path));
  }

  /** Bytes of all files together. */
  public long size() {
    return size;
  }

  /**
   * Adds an entry, and plain directories above it where there are none. A directory may be named
   * twice; the later one counts.
   *
   * @throws BullaException {@link ErrorCode#ARCHIVE_INVALID} for a path that is already taken;
   *     {@link ErrorCode#PATH_ESCAPE} for an entry below a symbolic link, or a link that leaves the
   *     root
   */
  public void add(ImagePath path, Entry entry) {
    if (path.isRoot()) {
      if (!(entry instanceof Entry.Directory)) {
        throw new BullaException(
            ErrorCode.ARCHIVE_INVALID, "the root of a file tree is not a directory");
      }
      return;
    }
    if (entry instanceof Entry.Link link && !path.holdsLink(link.target())) {
      throw new BullaException(
          ErrorCode.PATH_ESCAPE,
          "the symbolic link %s points to '%s', outside the root"
              .formatted(path, dev.bulla.core.Shown.text(link.target())),
          "Make the link point to something inside the image.");
    }
    addParents(path.parent(), path);
    Entry present = entries.get(path);
    boolean bothDirectories =
        present instanceof Entry.Directory && entry instanceof Entry.Directory;
    if (present != null && !bothDirectories) {
      throw new BullaException(
          ErrorCode.ARCHIVE_INVALID,
          "the path " + path + " occurs twice, and which one counts is not defined");
    }
    entries.put(path, entry);
    if (entry instanceof Entry.File file) {
      size += file.size();
    }
  }

  /** Puts an entry where the caller has seen to the parents, and to what was there. */
  void set(ImagePath path, Entry entry) {
    entries.put(path, entry);
    if (entry instanceof Entry.File file) {
      size += file.size();
    }
  }

  private void addParents(ImagePath directory, ImagePath wanted) {
    if (directory.isRoot()) {
      return;
    }
    switch (entries.get(directory)) {
      case null -> {
        addParents(directory.parent(), wanted);
        entries.put(directory, Entry.Directory.PLAIN);
      }
      case Entry.Directory known -> {}
      case Entry.Link link ->
          throw new BullaException(
              ErrorCode.PATH_ESCAPE,
              "%s would be written through the symbolic link %s -> %s"
                  .formatted(wanted, directory, dev.bulla.core.Shown.text(link.target())),
              "Nothing may be written through a link of the same archive or directory.");
      case Entry.File file ->
          throw new BullaException(
              ErrorCode.ARCHIVE_INVALID, wanted + " lies below " + directory + ", which is a file");
    }
  }

  /** The digest defined at the top; it does not depend on the order in which entries were added. */
  public Digest digest() {
    MessageDigest hash = Digest.Algorithm.SHA256.newHash();
    for (Map.Entry<ImagePath, Entry> one : entries.entrySet()) {
      String facts =
          switch (one.getValue()) {
            case Entry.Directory directory -> "d " + Integer.toOctalString(directory.mode());
            case Entry.File file ->
                "f "
                    + Integer.toOctalString(file.mode())
                    + " "
                    + file.size()
                    + " "
                    + file.digest().hex();
            case Entry.Link link -> "l " + link.target();
          };
      hash.update((facts + " " + one.getKey().text() + "\0").getBytes(StandardCharsets.UTF_8));
    }
    return Digest.ofHash(Digest.Algorithm.SHA256, hash.digest());
  }
}
