package dev.bulla.advisory;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.FileVisitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Finds the JSON files below a directory, in a zip or in a single file. Entries of a zip are read
 * in place and never written under their own names; a zip inside a zip is not opened; links are not
 * followed.
 *
 * <p>Not thread-safe while files are added.
 */
final class RecordFiles implements Closeable {
  static final int MAX_FILES = 1_000_000;
  private static final int MAX_DEPTH = 32;

  /**
   * A zip may claim this many times its own size, and a little more. Real OSV zips have a factor of
   * 3 to 20.
   */
  private static final long MAX_RATIO = 200;

  private static final long RATIO_GRACE = 16L * 1024 * 1024;
  private static final int MAX_MANIFEST = 1024 * 1024;

  private final List<RecordFile> files = new ArrayList<>();
  private final List<ZipFile> zips = new ArrayList<>();
  private SetManifest manifest = SetManifest.NONE;

  List<RecordFile> files() {
    return files;
  }

  SetManifest manifest() {
    return manifest;
  }

  /** Keeps {@code zip} to close it with the others. */
  ZipFile hold(ZipFile zip) {
    zips.add(zip);
    return zip;
  }

  /**
   * @throws BullaException {@code FILE_NOT_FOUND}, {@code ARCHIVE_INVALID}, {@code
   *     ARCHIVE_TOO_LARGE}, {@code PATH_ESCAPE}
   */
  void add(Path source) {
    if (!Files.exists(source)) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND,
          "advisories: " + source + " does not exist",
          "Name a directory, a zip or a JSON file with OSV records.");
    }
    try {
      if (Files.isDirectory(source)) {
        addTree(source);
      } else if (!String.valueOf(source.getFileName()).endsWith(".json")) {
        addZip(source, String.valueOf(source.getFileName()));
      } else {
        addFile(new RecordFile.OnDisk(source, String.valueOf(source.getFileName())));
      }
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.INPUT_UNAVAILABLE,
          "advisories: cannot read " + source + ": " + e.getMessage(),
          e);
    }
  }

  private void addTree(Path root) throws IOException {
    FileVisitor<Path> visitor =
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile()) {
              addBelow(root, file);
            }
            return FileVisitResult.CONTINUE;
          }
        };
    Files.walkFileTree(
        root.toRealPath(), EnumSet.noneOf(FileVisitOption.class), MAX_DEPTH, visitor);
  }

  private void addBelow(Path root, Path file) throws IOException {
    Path relative = root.toRealPath().relativize(file);
    String name = String.valueOf(file.getFileName());
    if (isZip(file)) {
      addZip(file, relative.toString());
    } else if (isRecord(name)) {
      RecordFile found = new RecordFile.OnDisk(file, relative.toString());
      if (relative.getNameCount() == 1 && name.equals(SetManifest.FILE)) {
        addManifest(found);
      } else {
        addFile(found);
      }
    }
  }

  private void addZip(Path path, String what) throws IOException {
    ZipFile zip;
    try {
      zip = new ZipFile(path.toFile());
    } catch (ZipException e) {
      throw new BullaException(
          ErrorCode.ARCHIVE_INVALID, what + ": not a readable zip: " + e.getMessage(), e);
    }
    zips.add(zip);
    long claimed = 0;
    long allowed = Math.addExact(Math.multiplyExact(MAX_RATIO, Files.size(path)), RATIO_GRACE);
    Set<String> names = new HashSet<>();
    for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
      ZipEntry entry = all.nextElement();
      String name = entry.getName();
      checkName(name, what);
      if (!names.add(name)) {
        throw new BullaException(
            ErrorCode.ARCHIVE_INVALID,
            what + ": two entries are called '" + Shown.text(name) + "'");
      }
      claimed += Math.max(entry.getSize(), 0);
      if (claimed > allowed) {
        throw new BullaException(
            ErrorCode.ARCHIVE_TOO_LARGE,
            "%s: claims more than %d bytes, over %d times its size"
                .formatted(what, allowed, MAX_RATIO));
      }
      if (!entry.isDirectory() && isRecord(name.substring(name.lastIndexOf('/') + 1))) {
        RecordFile found = new RecordFile.InZip(zip, name, what + "!" + Shown.text(name));
        if (name.equals(SetManifest.FILE)) {
          addManifest(found);
        } else {
          addFile(found);
        }
      }
    }
  }

  private static void checkName(String name, String what) {
    boolean climbs = List.of(name.split("[/\\\\]", -1)).contains("..");
    if (climbs || name.startsWith("/") || name.indexOf('\\') >= 0 || name.indexOf('\0') >= 0) {
      throw new BullaException(
          ErrorCode.PATH_ESCAPE,
          "%s: the entry '%s' points outside the archive".formatted(what, Shown.text(name)),
          "No honest feed has such names; do not use this file.");
    }
  }

  private void addManifest(RecordFile file) throws IOException {
    manifest = manifest.with(SetManifest.parse(file.read(MAX_MANIFEST), file.what()));
  }

  private void addFile(RecordFile file) {
    if (files.size() >= MAX_FILES) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE, "advisories: more than %d records".formatted(MAX_FILES));
    }
    files.add(file);
  }

  private static boolean isRecord(String name) {
    return name.endsWith(".json") && !name.startsWith(".");
  }

  private static boolean isZip(Path path) {
    return String.valueOf(path.getFileName()).endsWith(".zip");
  }

  @Override
  public void close() throws IOException {
    for (ZipFile zip : zips) {
      zip.close();
    }
  }
}
