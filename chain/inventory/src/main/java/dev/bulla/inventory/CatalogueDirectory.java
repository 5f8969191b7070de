package dev.bulla.inventory;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.inventory.archive.Bytes;
import dev.bulla.inventory.archive.PathHash;
import dev.bulla.inventory.format.ElfFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Lists the components of a directory tree, an unpacked image root for instance, or of one file.
 * Symbolic links are not followed, so that nothing outside the tree is read.
 */
public final class CatalogueDirectory {
  private static final long SMALLEST_PROGRAM = 4096;

  private CatalogueDirectory() {}

  /**
   * Lists the components of {@code root}, with paths relative to it.
   *
   * @param root a directory, or a single file such as a jar or a program
   * @throws BullaException {@code FILE_NOT_FOUND}; {@code ARCHIVE_INVALID} if the tree itself
   *     cannot be listed
   */
  public static Inventory catalogue(Path root) {
    if (!Files.exists(root)) {
      throw new BullaException(ErrorCode.FILE_NOT_FOUND, "no such file or directory: " + root);
    }
    try (Walk walk = new Walk(root)) {
      Files.walkFileTree(root, walk);
      List<Sighting> sightings = new ArrayList<>();
      walk.facts.findings.forEach((path, finding) -> sightings.add(new Sighting(path, 0, finding)));
      sightings.sort((a, b) -> a.path().compareTo(b.path()));
      Catalogue catalogue = new Catalogue(sightings, List.of(), false, walk.hash);
      List<Component> components = catalogue.components(Map.of());
      List<String> warnings = new ArrayList<>(walk.facts.warnings);
      new TreeMap<>(walk.facts.problems)
          .forEach((path, all) -> all.forEach(one -> warnings.add(Shown.text(path) + ": " + one)));
      Path name = root.toAbsolutePath().normalize().getFileName();
      return new Inventory(
          Optional.empty(),
          name == null ? "/" : name.toString(),
          catalogue.distribution(),
          components,
          warnings);
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.ARCHIVE_INVALID, "%s cannot be listed: %s".formatted(root, e.getMessage()), e);
    }
  }

  private static final class Walk extends SimpleFileVisitor<Path> implements AutoCloseable {
    private final Path root;
    private final PathHash hash = new PathHash();
    private final EvidenceReader reader = new EvidenceReader(hash);
    private final Workspace workspace = new Workspace();
    private final LayerFacts facts = new LayerFacts();

    Walk(Path root) {
      this.root = root;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      if (attributes.isRegularFile()) {
        String path = relative(file);
        try {
          read(file, path, attributes.size());
        } catch (IOException e) {
          facts.problem(path, "not read: " + Shown.text(String.valueOf(e.getMessage())));
        }
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
      facts.problem(relative(file), "not read: " + Shown.text(String.valueOf(e.getMessage())));
      return FileVisitResult.CONTINUE;
    }

    private String relative(Path file) {
      Path inside = root.relativize(file);
      Path name = file.getFileName();
      String text =
          inside.toString().isEmpty() && name != null ? name.toString() : inside.toString();
      return text.replace(java.io.File.separatorChar, '/');
    }

    private void read(Path file, String path, long size) throws IOException {
      byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
      Interest interest = Interest.of(bytes, 0, bytes.length);
      if (interest == Interest.NONE && size >= SMALLEST_PROGRAM && isProgram(file)) {
        interest = Interest.PROGRAM;
      }
      if (interest == Interest.NONE) {
        return;
      }
      if (interest.maxBytes() > 0 && size > interest.maxBytes()) {
        facts.problem(path, "%d bytes, at most %d are read".formatted(size, interest.maxBytes()));
        return;
      }
      if (size > Workspace.MAX_BUFFER) {
        try (FileChannel channel = FileChannel.open(file)) {
          take(interest, path, Bytes.of(channel, size));
        }
        return;
      }
      try (InputStream in = Files.newInputStream(file)) {
        take(interest, path, workspace.load(in::read, interest.maxBytes() == 0 ? 0 : size));
      }
    }

    private void take(Interest interest, String path, Bytes content) {
      reader
          .read(interest, path, content, problem -> facts.problem(path, problem))
          .ifPresent(finding -> facts.findings.put(path, finding));
    }

    private static boolean isProgram(Path file) throws IOException {
      byte[] magic = new byte[4];
      try (InputStream in = Files.newInputStream(file)) {
        return in.readNBytes(magic, 0, 4) == 4 && ElfFile.isElf(magic);
      }
    }

    @Override
    public void close() throws IOException {
      workspace.close();
    }
  }
}
