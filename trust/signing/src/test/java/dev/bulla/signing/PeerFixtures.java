package dev.bulla.signing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Golden data, unpacked into a directory of the test. */
public final class PeerFixtures {
  private PeerFixtures() {}

  /**
   * @param name of the archive beside this class
   */
  public static Path unpack(String name, Path directory) throws IOException {
    try (InputStream in = PeerFixtures.class.getResourceAsStream(name);
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = directory.resolve(entry.getName());
        Files.createDirectories(file.getParent());
        Files.write(file, zip.readAllBytes());
      }
    }
    return directory;
  }
}
