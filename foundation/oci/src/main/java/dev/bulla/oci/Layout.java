package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.node.ObjectNode;

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
   */
  public static void writeTar(Repository from, Collection<Descriptor> roots, Path tarFile) {
    LayoutIndex index = LayoutIndex.empty();
    Map<Digest, Descriptor> blobs = new TreeMap<>();
    for (Descriptor root : roots) {
      Closure closure = Closure.of(from, root);
      closure.blobs().forEach(blob -> blobs.putIfAbsent(blob.digest(), blob));
      closure.manifests().forEach(m -> blobs.put(m.descriptor().digest(), m.descriptor()));
      Manifest manifest = closure.manifests().getLast();
      Descriptor entry = manifest.descriptor().bare().withAnnotations(root.annotations());
      index.put(
          manifest.artifactType().map(entry::withArtifactType).orElse(entry), Optional.empty());
    }
    Path temporary = tarFile.resolveSibling("." + tarFile.getFileName() + ".part");
    try {
      try (OutputStream out = Files.newOutputStream(temporary);
          TarWriter tar = new TarWriter(out)) {
        write(tar, from, index, blobs);
      }
      Files.move(temporary, tarFile, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.LAYOUT_INVALID, "%s cannot be written: %s".formatted(tarFile, e), e);
    } finally {
      temporary.toFile().delete();
    }
  }

  private static void write(
      TarWriter tar, Repository from, LayoutIndex index, Map<Digest, Descriptor> blobs)
      throws IOException {
    ObjectNode marker = Json.object();
    marker.put("imageLayoutVersion", "1.0.0");
    file(tar, "oci-layout", Json.write(marker));
    file(tar, "index.json", index.toJson());
    tar.directory("blobs");
    TreeSet<String> algorithms = new TreeSet<>();
    blobs.keySet().forEach(digest -> algorithms.add(digest.algorithm().id()));
    for (String algorithm : algorithms) {
      tar.directory("blobs/" + algorithm);
    }
    for (Descriptor blob : blobs.values()) {
      String name = LayoutRepository.blobName(blob.digest());
      if (Closure.isManifest(blob.mediaType())) {
        file(tar, name, from.manifest(blob).bytes());
      } else {
        try (InputStream in = from.blob(blob)) {
          tar.file(name, blob.size(), in);
        }
      }
    }
  }

  private static void file(TarWriter tar, String name, byte[] content) throws IOException {
    tar.file(name, content.length, new ByteArrayInputStream(content));
  }
}
