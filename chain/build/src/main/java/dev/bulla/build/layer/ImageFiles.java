package dev.bulla.build.layer;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.io.IOException;
import java.io.InputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * What an image's file system holds, layer upon layer: kinds, modes, owners, links and digests,
 * without the contents.
 *
 * <p>Layers are applied as the OCI image specification says ("Applying Changesets"): {@code
 * .wh.NAME} removes a lower sibling, {@code .wh..wh..opq} removes all of them, a directory over a
 * directory replaces its attributes, anything else replaces what was there. Not thread-safe.
 */
public final class ImageFiles {
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";
  private static final int MAX_LINKS = 40;

  private final TreeMap<ImagePath, Entry> files = new TreeMap<>();

  /**
   * What is at {@code path}, without following a link there; a file's content cannot be read
   * through it.
   */
  public Optional<Entry> at(ImagePath path) {
    return path.isRoot()
        ? Optional.of(Entry.Directory.PLAIN)
        : Optional.ofNullable(files.get(path));
  }

  /** Bytes of all files. */
  public long size() {
    return files.values().stream()
        .mapToLong(e -> e instanceof Entry.File file ? file.size() : 0)
        .sum();
  }

  /**
   * The place that {@code path} means once every link on the way, and at its end if {@code last},
   * is followed in the root.
   */
  public ImagePath resolve(ImagePath path, boolean last) {
    Deque<String> names = new ArrayDeque<>(List.of(path.text().split("/")));
    ImagePath at = ImagePath.ROOT;
    int links = 0;
    while (!names.isEmpty()) {
      String name = names.pop();
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        at = at.parent(); // above the root is the root, as the kernel has it
        continue;
      }
      ImagePath next = at.child(name);
      if (files.get(next) instanceof Entry.Link link && (last || !names.isEmpty())) {
        if (++links > MAX_LINKS) {
          throw new BullaException(
              ErrorCode.TEMPLATE_INVALID,
              "the path " + path + " runs through more than " + MAX_LINKS + " links");
        }
        String[] target = link.target().split("/");
        for (int i = target.length - 1; i >= 0; i--) {
          names.push(target[i]);
        }
        at = link.target().startsWith("/") ? ImagePath.ROOT : at;
      } else {
        at = next;
      }
    }
    return at;
  }

  /** Applies the entries of an own layer. */
  public void apply(FileTree layer) {
    layer.entries().forEach(this::put);
  }

  /**
   * Applies one layer of a base image and returns the digest of its uncompressed bytes.
   *
   * @param blob the layer as stored, compressed or not; read to its end
   * @throws BullaException {@link ErrorCode#ARCHIVE_INVALID}, {@link ErrorCode#ARCHIVE_TOO_LARGE}
   */
  public Digest applyLayer(InputStream blob, ArchiveLimits limits, String what) {
    MessageDigest hash = Digest.Algorithm.SHA256.newHash();
    try (LimitedStream bytes =
            new LimitedStream(
                new DigestInputStream(Compression.expand(blob), hash), limits.bytes(), what);
        TarArchiveInputStream tar = new TarArchiveInputStream(bytes, "UTF-8")) {
      TreeMap<ImagePath, Entry> added = new TreeMap<>();
      int count = 0;
      for (TarArchiveEntry member = tar.getNextEntry();
          member != null;
          member = tar.getNextEntry()) {
        if (++count > limits.entries()) {
          throw ArchiveReader.tooMany(what, limits);
        }
        bytes.startMember();
        read(member, tar, added, what);
        bytes.startHeader();
      }
      bytes.startMember();
      bytes.transferTo(
          java.io.OutputStream.nullOutputStream()); // padding belongs to the digest too
      added.forEach(this::put);
      return Digest.ofHash(Digest.Algorithm.SHA256, hash.digest());
    } catch (IOException | IllegalArgumentException e) {
      throw new BullaException(
          ErrorCode.ARCHIVE_INVALID,
          what + ": not a layer: " + Shown.text(String.valueOf(e.getMessage())),
          e);
    }
  }

  /**
   * Removals touch lower layers only, whatever their place in this one; so additions are collected
   * and put last.
   */
  private void read(
      TarArchiveEntry member, InputStream content, TreeMap<ImagePath, Entry> added, String what)
      throws IOException {
    String name = stripped(member.getName());
    String last = name.substring(name.lastIndexOf('/') + 1);
    ImagePath parent = ImagePath.member(name.substring(0, name.length() - last.length()));
    if (last.equals(OPAQUE)) {
      removeBelow(parent);
      return;
    }
    if (last.startsWith(WHITEOUT)) {
      ImagePath removed = parent.child(last.substring(WHITEOUT.length()));
      removeBelow(removed);
      files.remove(removed);
      return;
    }
    ImagePath path = ImagePath.member(name);
    if (path.isRoot()) {
      return;
    }
    Entry.Owner owner =
        new Entry.Owner(id(member.getLongUserId(), what), id(member.getLongGroupId(), what));
    int mode = member.getMode() & 07777;
    switch (member.getLinkFlag()) {
      case TarConstants.LF_DIR -> added.put(path, new Entry.Directory(mode, owner));
      case TarConstants.LF_SYMLINK -> added.put(path, new Entry.Link(member.getLinkName(), owner));
      case TarConstants.LF_LINK -> {
        ImagePath target = ImagePath.member(stripped(member.getLinkName()));
        Entry entry = added.getOrDefault(target, files.get(target));
        if (entry != null) {
          added.put(path, entry);
        }
      }
      default -> added.put(path, file(member, content, mode, owner));
    }
  }

  private static Entry file(
      TarArchiveEntry member, InputStream content, int mode, Entry.Owner owner) throws IOException {
    Digest digest = Digest.of(Digest.Algorithm.SHA256, content);
    return new Entry.File(
        mode,
        owner,
        member.getRealSize(),
        digest,
        () -> {
          throw new IOException("the content of a base image's file is not kept");
        });
  }

  private static int id(long id, String what) {
    if (id < 0 || id > Integer.MAX_VALUE) {
      throw new BullaException(
          ErrorCode.ARCHIVE_INVALID, what + ": the owner id " + id + " is out of range");
    }
    return (int) id;
  }

  /** Layers of other builders write {@code ./etc} or {@code /etc} for {@code etc}. */
  private static String stripped(String name) {
    return String.join(
        "/", Arrays.stream(name.split("/")).filter(n -> !n.isEmpty() && !n.equals(".")).toList());
  }

  private void put(ImagePath path, Entry entry) {
    ImagePath parent = path.parent();
    if (!parent.isRoot() && !files.containsKey(parent)) {
      put(parent, Entry.Directory.PLAIN); // a layer need not list it, and who unpacks it makes one
    }
    Entry before = files.put(path, entry);
    if (before instanceof Entry.Directory && !(entry instanceof Entry.Directory)) {
      removeBelow(path);
    }
  }

  private void removeBelow(ImagePath directory) {
    if (directory.isRoot()) {
      files.clear();
      return;
    }
    // in byte order, everything below "a" lies between "a/" and "a0"
    files
        .subMap(directory.child("\u0001"), true, new ImagePath(directory.text() + "0"), false)
        .clear();
  }
}
