package dev.bulla.build.layer;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/** The members of one zip file, as its central directory lists them. */
final class ZipMembers {
  private static final byte[] LOCAL = {'P', 'K', 3, 4};
  private static final byte[] END = {'P', 'K', 5, 6};
  private static final int END_BYTES = 22;
  private static final int MAX_COMMENT = 0xffff;

  /** The library reads the whole directory into memory. */
  private static final long MAX_DIRECTORY_BYTES = 32L << 20;

  private static final int UNIX_TYPE = 0170000;
  private static final int UNIX_REGULAR = 0100000;
  private static final int UNIX_DIRECTORY = 0040000;
  private static final int MAX_LINK = 4096;

  private final Path archive;
  private final ArchiveLimits limits;
  private final long limit;
  private final String what;

  ZipMembers(Path archive, ArchiveLimits limits, long limit, String what) {
    this.archive = archive;
    this.limits = limits;
    this.limit = limit;
    this.what = what;
  }

  static boolean isZip(Path archive) throws IOException {
    try (InputStream in = Files.newInputStream(archive)) {
      byte[] head = in.readNBytes(4);
      return ArchiveReader.startsWith(head, LOCAL) || ArchiveReader.startsWith(head, END);
    }
  }

  FileTree read(Spool contents) throws IOException {
    checkDirectorySize();
    FileTree tree = new FileTree();
    try (ZipFile zip =
        ZipFile.builder().setPath(archive).setCharset(StandardCharsets.UTF_8).get()) {
      int count = 0;
      for (Iterator<ZipArchiveEntry> all = zip.getEntriesInPhysicalOrder().asIterator();
          all.hasNext(); ) {
        if (++count > limits.entries()) {
          throw ArchiveReader.tooMany(what, limits);
        }
        add(tree, zip, all.next(), contents);
      }
    }
    return tree;
  }

  private void add(FileTree tree, ZipFile zip, ZipArchiveEntry member, Spool contents)
      throws IOException {
    ImagePath path = ImagePath.member(member.getName());
    if (member.getName().indexOf('\\') >= 0) {
      throw new BullaException(
          ErrorCode.PATH_ESCAPE,
          "%s: the name '%s' holds a backslash, which some readers take for a separator"
              .formatted(what, Shown.text(member.getName())));
    }
    int mode = member.getUnixMode();
    int type = mode & UNIX_TYPE;
    if (member.isDirectory() || type == UNIX_DIRECTORY) {
      tree.add(path, Entry.Directory.PLAIN);
      return;
    }
    if (!member.isUnixSymlink() && type != 0 && type != UNIX_REGULAR) {
      throw new BullaException(
          ErrorCode.ARCHIVE_INVALID,
          what + ": " + path + " is neither a file, a directory nor a link");
    }
    try (LimitedStream content =
        new LimitedStream(zip.getInputStream(member), limit - contents.size(), what)) {
      content.startMember();
      if (member.isUnixSymlink()) {
        String target = new String(content.readNBytes(MAX_LINK), StandardCharsets.UTF_8);
        tree.add(path, new Entry.Link(target, Entry.Owner.ROOT));
      } else {
        tree.add(path, contents.add(content, Entry.File.normalMode((mode & 0100) != 0)));
      }
    }
  }

  /**
   * Finds the end record (APPNOTE 4.3.16) and refuses a central directory that would fill the
   * memory.
   */
  private void checkDirectorySize() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(archive.toFile(), "r")) {
      int tail = (int) Math.min(file.length(), END_BYTES + MAX_COMMENT);
      long from = file.length() - tail;
      byte[] bytes = new byte[tail];
      file.seek(from);
      file.readFully(bytes);
      for (int i = tail - END_BYTES; i >= 0; i--) {
        if (bytes[i] == END[0]
            && bytes[i + 1] == END[1]
            && bytes[i + 2] == END[2]
            && bytes[i + 3] == END[3]) {
          long start =
              Integer.toUnsignedLong(
                  ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(i + 16));
          boolean zip64 = start == 0xffffffffL;
          if (zip64 || from + i - start > MAX_DIRECTORY_BYTES) {
            throw new BullaException(
                ErrorCode.ARCHIVE_TOO_LARGE,
                what
                    + ": its directory is larger than "
                    + MAX_DIRECTORY_BYTES
                    + " bytes or in zip64 form");
          }
          return;
        }
      }
      throw new BullaException(
          ErrorCode.ARCHIVE_INVALID, what + ": the end record of the zip is missing");
    }
  }
}
