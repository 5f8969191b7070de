package dev.bulla.oci;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

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
  public void close() {}
}
