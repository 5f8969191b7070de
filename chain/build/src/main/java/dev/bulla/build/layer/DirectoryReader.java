package dev.bulla.build.layer;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * Reads files of this machine into entries: names, contents, symbolic links and the owner's
 * executable bit, nothing else. Links are never followed. The content is hashed here and checked
 * against that hash when a layer is written.
 */
public final class DirectoryReader {
  private final ArchiveLimits limits;

  public DirectoryReader(ArchiveLimits limits) {
    this.limits = limits;
  }

  /**
   * The whole of a directory, without the directory itself.
   *
   * @throws BullaException {@link ErrorCode#PATH_ESCAPE} for a link out of the root, {@link
   *     ErrorCode#ARCHIVE_TOO_LARGE}, {@link ErrorCode#TEMPLATE_INVALID} for a device or pipe,
   *     {@link ErrorCode#INPUT_UNAVAILABLE}
   */
  public FileTree read(Path directory, String what) {
    FileTree tree = new FileTree();
    try {
      Files.walkFileTree(directory, new Visitor(directory, tree, what));
    } catch (IOException e) {
      throw IoFailure.of(e, "reading " + what);
    }
    return tree;
  }

  /** One regular file. */
  public Entry.File file(Path file) {
    try {
      return hashed(file, Files.readAttributes(file, BasicFileAttributes.class));
    } catch (IOException e) {
      throw IoFailure.of(e, "reading " + file);
    }
  }

  private static Entry.File hashed(Path file, BasicFileAttributes attributes) throws IOException {
    Digest digest;
    try (InputStream in = Files.newInputStream(file)) {
      digest = Digest.of(Digest.Algorithm.SHA256, in);
    }
    int mode = Entry.File.normalMode(isExecutable(file));
    return new Entry.File(
        mode,
        Entry.Owner.ROOT,
        attributes.size(),
        digest,
        () -> Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS));
  }

  private static boolean isExecutable(Path file) throws IOException {
    try {
      return Files.readAttributes(file, PosixFileAttributes.class)
          .permissions()
          .contains(PosixFilePermission.OWNER_EXECUTE);
    } catch (UnsupportedOperationException e) {
      return false; // a file system without permissions
    }
  }

  /** Adds what it meets; the order of visiting does not matter, the tree sorts. */
  private final class Visitor extends SimpleFileVisitor<Path> {
    private final Path root;
    private final FileTree tree;
    private final String what;

    Visitor(Path root, FileTree tree, String what) {
      this.root = root;
      this.tree = tree;
      this.what = what;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
      add(directory, Entry.Directory.PLAIN);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      if (attributes.isSymbolicLink()) {
        String target = Files.readSymbolicLink(file).toString();
        add(file, new Entry.Link(target, Entry.Owner.ROOT));
      } else if (attributes.isRegularFile()) {
        add(file, hashed(file, attributes));
      } else {
        throw new BullaException(
            ErrorCode.TEMPLATE_INVALID,
            "%s: %s is neither a file, a directory nor a symbolic link".formatted(what, file),
            "Remove it, or name the files one by one.");
      }
      return FileVisitResult.CONTINUE;
    }

    private void add(Path path, Entry entry) {
      if (tree.entries().size() >= limits.entries()) {
        throw ArchiveReader.tooMany(what, limits);
      }
      String relative =
          StreamSupport.stream(root.relativize(path).spliterator(), false)
              .map(Path::toString)
              .collect(Collectors.joining("/"));
      tree.add(ImagePath.member(relative), entry);
      if (tree.size() > limits.bytes()) {
        throw LimitedStream.tooLarge(what, limits.bytes());
      }
    }
  }
}
