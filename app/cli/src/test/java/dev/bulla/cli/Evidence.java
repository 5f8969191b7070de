package dev.bulla.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** Signatures that notation and cosign made, with keys, roots and policies, as files. */
final class Evidence {
  private Evidence() {}

  static void unpack(Path directory) throws IOException {
    try (InputStream in = Evidence.class.getResourceAsStream("evidence.zip");
        ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Path file = directory.resolve(entry.getName());
        Files.createDirectories(file.getParent());
        Files.write(file, zip.readAllBytes());
      }
    }
  }
}
