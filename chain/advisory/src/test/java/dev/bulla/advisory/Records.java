package dev.bulla.advisory;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Small OSV records and the files that hold them. */
final class Records {
  private Records() {}

  /**
   * A record that affects {@code name} from the beginning up to {@code fixed}; {@code more} are
   * further members.
   */
  static String record(String id, String ecosystem, String name, String fixed, String more) {
    return """
    {"id":"%s","modified":"2026-01-01T00:00:00Z",%s
     "affected":[{"package":{"ecosystem":"%s","name":"%s"},
      "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"%s"}]}]}]}
    """
        .formatted(id, more.isEmpty() ? "" : more + ",", ecosystem, name, fixed);
  }

  static String record(String id, String ecosystem, String name, String fixed) {
    return record(id, ecosystem, name, fixed, "");
  }

  /** A set of these records, in files of {@code directory}. */
  static AdvisorySet set(Path directory, String... records) {
    for (int i = 0; i < records.length; i++) {
      file(directory, i + ".json", records[i]);
    }
    return AdvisorySet.load(directory);
  }

  static Path file(Path directory, String name, String text) {
    try {
      Path file = directory.resolve(name);
      Files.createDirectories(Objects.requireNonNull(file.getParent()));
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A zip of alternating names and texts. */
  static Path zip(Path file, String... namesAndTexts) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (int i = 0; i < namesAndTexts.length; i += 2) {
        zip.putNextEntry(new ZipEntry(namesAndTexts[i]));
        zip.write(namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8));
      }
    }
    return file;
  }
}
