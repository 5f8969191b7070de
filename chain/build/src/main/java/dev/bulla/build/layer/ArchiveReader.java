package dev.bulla.build.layer;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Reads a tar (plain, gzip, bzip2, xz or zstd) or zip into a {@link FileTree}, believing nothing it
 * says.
 *
 * <p>Members are spooled into one nameless file, so a hostile name can at most spoil the tree, and
 * the tree refuses it: absolute names, {@code ..}, members below a symbolic link, links out of the
 * root, the same path twice. A hard link becomes a copy of an earlier member. Devices and pipes are
 * refused. The expanded size is counted as it is read, never as it is claimed.
 */
public final class ArchiveReader {
  private final ArchiveLimits limits;

  public ArchiveReader(ArchiveLimits limits) {
    this.limits = limits;
  }

  /**
   * @param spool where the contents go; must outlive the tree
   * @param what names the archive in errors
   * @throws BullaException {@link ErrorCode#ARCHIVE_INVALID}, {@link ErrorCode#ARCHIVE_TOO_LARGE},
   *     {@link ErrorCode#PATH_ESCAPE}, {@link ErrorCode#DISK_FULL}
   */
  public FileTree read(Path archive, Path spool, String what) {
    try (Spool contents = new Spool(spool)) {
      long limit = limits.expandedFor(Files.size(archive));
      FileTree tree =
          ZipMembers.isZip(archive)
              ? new ZipMembers(archive, limits, limit, what).read(contents)
              : readTar(archive, limit, contents, what);
      if (tree.entries().isEmpty()) {
        throw new BullaException(
            ErrorCode.ARCHIVE_INVALID,
            what + ": holds no members",
            "Known are tar (plain, gzip, bzip2, xz, zstd) and zip.");
      }
      return tree;
    } catch (IOException e) {
      throw broken(e, what);
    } catch (IllegalArgumentException
        | IndexOutOfBoundsException
        | ArithmeticException
        | IllegalStateException e) {
      // what the archive library lets through for some damaged headers
      throw new BullaException(
          ErrorCode.ARCHIVE_INVALID, what + ": damaged: " + Shown.text(String.valueOf(e)), e);
    }
  }

  private static BullaException broken(IOException e, String what) {
    BullaException failure = IoFailure.of(e, "unpacking " + what);
    return failure.code() == ErrorCode.DISK_FULL
        ? failure
        : new BullaException(
            ErrorCode.ARCHIVE_INVALID,
            what + ": damaged or of an unknown kind: " + Shown.text(String.valueOf(e.getMessage())),
            "Known are tar (plain, gzip, bzip2, xz, zstd) and zip.",
            e);
  }

  private FileTree readTar(Path archive, long limit, Spool contents, String what)
      throws IOException {
    FileTree tree = new FileTree();
    try (InputStream file = Files.newInputStream(archive);
        LimitedStream bytes = new LimitedStream(Compression.expand(file), limit, what);
        TarArchiveInputStream tar = new TarArchiveInputStream(bytes, "UTF-8")) {
      int count = 0;
      bytes.startHeader();
      for (TarArchiveEntry member = tar.getNextEntry();
          member != null;
          member = tar.getNextEntry()) {
        checkCount(++count, what);
        if (!member.isCheckSumOK()) {
          throw new BullaException(
              ErrorCode.ARCHIVE_INVALID,
              "%s: the header of member %d has a wrong checksum".formatted(what, count));
        }
        if (contents.size() + member.getRealSize() > limit && member.isFile()) {
          throw LimitedStream.tooLarge(what, limit);
        }
        bytes.startMember();
        addMember(tree, member, tar, contents, what);
        bytes.startHeader();
      }
    }
    return tree;
  }

  private void checkCount(int count, String what) {
    if (count > limits.entries()) {
      throw tooMany(what, limits);
    }
  }

  static BullaException tooMany(String what, ArchiveLimits limits) {
    return new BullaException(
        ErrorCode.ARCHIVE_TOO_LARGE, what + ": holds more than " + limits.entries() + " entries");
  }

  private static void addMember(
      FileTree tree, TarArchiveEntry member, InputStream content, Spool contents, String what)
      throws IOException {
    ImagePath path = ImagePath.member(member.getName());
    Entry entry =
        switch (member.getLinkFlag()) {
          case TarConstants.LF_NORMAL,
              TarConstants.LF_OLDNORM,
              TarConstants.LF_CONTIG,
              TarConstants.LF_GNUTYPE_SPARSE ->
              member.isDirectory() // an old header marks a directory by its trailing slash only
                  ? Entry.Directory.PLAIN
                  : contents.add(content, Entry.File.normalMode((member.getMode() & 0100) != 0));
          case TarConstants.LF_DIR -> Entry.Directory.PLAIN;
          case TarConstants.LF_SYMLINK -> new Entry.Link(member.getLinkName(), Entry.Owner.ROOT);
          case TarConstants.LF_LINK -> linked(tree, path, member.getLinkName(), what);
          default ->
              throw new BullaException(
                  ErrorCode.ARCHIVE_INVALID,
                  "%s: %s is a device, a pipe or of an unknown type, and an image gets none of those from an archive"
                      .formatted(what, path));
        };
    tree.add(path, entry);
  }

  private static Entry linked(FileTree tree, ImagePath path, String target, String what) {
    Entry entry = tree.at(ImagePath.member(target)).orElse(null);
    if (entry instanceof Entry.File file) {
      return file;
    }
    throw new BullaException(
        ErrorCode.ARCHIVE_INVALID,
        "%s: %s is a hard link to '%s', which is no file before it in the archive"
            .formatted(what, path, Shown.text(target)));
  }

  /** Whether {@code head} starts with these bytes. */
  static boolean startsWith(byte[] head, byte... magic) {
    return head.length >= magic.length
        && Arrays.equals(head, 0, magic.length, magic, 0, magic.length);
  }
}
