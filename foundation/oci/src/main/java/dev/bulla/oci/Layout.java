package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Opens and writes OCI image layouts: directories and tar files (OCI image specification, "Image
 * Layout").
 */
public final class Layout {
  private Layout() {}

  /**
   * Opens a layout for reading: a directory, a tar file, or a gzip-compressed tar file.
   *
   * @throws BullaException {@code FILE_NOT_FOUND}, {@code LAYOUT_INVALID}, {@code ARCHIVE_INVALID},
   *     {@code ARCHIVE_TOO_LARGE}, {@code PATH_ESCAPE}
   */
  public static Repository open(Path directoryOrTar) {
    String name = directoryOrTar.toString();
    if (Files.isDirectory(directoryOrTar)) {
      return new LayoutRepository(name, new LayoutDirectory(directoryOrTar), Optional.empty());
    }
    if (!Files.isRegularFile(directoryOrTar)) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND,
          "there is no OCI layout at " + name,
          "Give an existing layout directory or a tar file of one.");
    }
    LayoutTar tar = LayoutTar.open(directoryOrTar);
    try {
      return new LayoutRepository(name, tar, Optional.empty());
    } catch (RuntimeException e) {
      tar.close();
      throw e;
    }
  }

  /**
   * Opens a layout directory for reading and writing; makes it if it does not exist or is empty.
   * Several writers, of this and of other processes, may work on it at once.
   *
   * @throws BullaException {@code LAYOUT_INVALID} if the directory holds something else or cannot
   *     be written
   */
  public static Repository create(Path directory) {
    LayoutWriter writer = LayoutWriter.create(directory);
    return new LayoutRepository(
        directory.toString(), new LayoutDirectory(directory), Optional.of(writer));
  }

  /** What {@code index.json} of a layout lists, in its order, with its annotations. */
  public static List<Descriptor> entries(Repository layout) {
    return layoutOf(layout).listed();
  }

  /** A file that lies beside the images of a layout; empty if there is none of this name. */
  public static java.util.Optional<byte[]> file(Repository layout, String name, int maxBytes) {
    return layoutOf(layout).read(name, maxBytes);
  }

  private static LayoutRepository layoutOf(Repository repository) {
    if (repository instanceof LayoutRepository layout) {
      return layout;
    }
    throw new BullaException(ErrorCode.USAGE, repository.name() + " is no layout");
  }

  /**
   * Adds annotations to entries of a layout that was opened with {@link #create}; unknown digests
   * are passed over.
   */
  public static void annotate(Repository layout, Map<Digest, Map<String, String>> annotations) {
    layoutOf(layout).annotate(annotations);
  }

  /**
   * Writes images with everything they consist of as a layout in a tar file. Equal content gives
   * equal bytes. Referrers are written if they are among the roots.
   *
   * @param roots manifests of {@code from}, written with the annotations that they have here:
   *     {@code org.opencontainers.image.ref.name} is the tag
   * @return what was written
   */
  public static CopyImage.Result writeTar(
      Repository from, Collection<Descriptor> roots, Path tarFile) {
    return writeTar(from, roots, Set.of(), tarFile);
  }

  /**
   * As {@link #writeTar(Repository, Collection, Path)}, of images that are not all there.
   *
   * @param absent children of indexes that are not at the source and are passed over
   */
  public static CopyImage.Result writeTar(
      Repository from, Collection<Descriptor> roots, Set<Digest> absent, Path tarFile) {
    LayoutArchive archive = new LayoutArchive(from, absent);
    roots.forEach(archive::add);
    archive.write(tarFile, members -> Map.of());
    return archive.content();
  }
}
