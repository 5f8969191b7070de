package dev.bulla.oci;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The files of a layout that is a directory. */
record LayoutDirectory(Path root) implements LayoutFiles {

  @Override
  public Optional<Entry> find(String name) throws java.io.IOException {
    Path file = root.resolve(name);
    return Files.isRegularFile(file)
        ? Optional.of(new Entry(Files.size(file), BlobSource.of(file)))
        : Optional.empty();
  }

  @Override
  public List<String> blobs() throws java.io.IOException {
    try (Stream<Path> below = Files.walk(root.resolve("blobs"), 2)) {
      return below
          .filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString().replace('\\', '/'))
          .sorted()
          .toList();
    }
  }

  @Override
  public void close() {}
}
