package dev.bulla.inventory;

import dev.bulla.core.Shown;
import dev.bulla.inventory.Finding.Found;
import dev.bulla.inventory.archive.Bytes;
import dev.bulla.inventory.archive.PathHash;
import dev.bulla.inventory.format.ApkInstalled;
import dev.bulla.inventory.format.DebianCopyright;
import dev.bulla.inventory.format.DpkgStatus;
import dev.bulla.inventory.format.NpmManifest;
import dev.bulla.inventory.format.OsRelease;
import dev.bulla.inventory.format.PythonMetadata;
import dev.bulla.inventory.format.RpmHeader;
import dev.bulla.inventory.format.SqliteTable;
import dev.bulla.inventory.format.SystemPackage;
import dev.bulla.inventory.licence.Licences;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Turns the content of one file into a finding. Whatever is wrong with the content becomes a
 * problem that names the file; it never ends the reading of others. Thread-safe.
 */
final class EvidenceReader {
  private final PathHash hash;
  private final JavaArchives archives = new JavaArchives();

  EvidenceReader(PathHash hash) {
    this.hash = hash;
  }

  /**
   * Reads a file.
   *
   * @param path without leading slash, for messages and for what the path itself tells
   * @param problems takes sentences that do not name the file
   */
  Optional<Finding> read(Interest interest, String path, Bytes content, Consumer<String> problems) {
    try {
      return finding(interest, path, content, problems);
    } catch (IOException | RuntimeException e) {
      // a parser must not throw anything else; if it does, other files still count
      String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      problems.accept("not read: " + Shown.text(reason));
      return Optional.empty();
    }
  }

  private Optional<Finding> finding(
      Interest interest, String path, Bytes content, Consumer<String> problems) throws IOException {
    return switch (interest) {
      case NONE -> Optional.empty();
      case NPM_LOCK -> Optional.of(new Finding.Marker());
      case RPM_OTHER -> {
        problems.accept(
            "an rpm database of a kind that is not read; packages are missing from the inventory");
        yield Optional.empty();
      }
      case RPM_LOG -> {
        if (content.size() > 0) {
          problems.accept(
              "a write-ahead log beside the rpm database; recent changes may be missing");
        }
        yield Optional.empty();
      }
      case OS_RELEASE ->
          Optional.of(new Finding.Os(OsRelease.parse(array(content), length(content))));
      case DPKG_STATUS, DPKG_STATUS_D -> Optional.of(dpkg(content, problems));
      case DPKG_FILES -> Optional.of(dpkgFiles(path, content));
      case COPYRIGHT -> Optional.of(copyright(path, content));
      case APK -> {
        List<String> found = new ArrayList<>();
        List<SystemPackage> packages =
            ApkInstalled.parse(array(content), length(content), hash, found);
        found.forEach(problems);
        yield Optional.of(new Finding.SystemPackages("apk", packages));
      }
      case RPM -> Optional.of(rpm(content, problems));
      case JAVA -> Optional.of(new Finding.Packages(archives.read(path, content, problems), 0));
      case NPM -> npm(content).map(found -> new Finding.Packages(List.of(found), md5(content)));
      case NPM_ROOT -> npm(content).map(Finding.NpmRoot::new);
      case PYTHON ->
          python(content, problems)
              .map(found -> new Finding.Packages(List.of(found), md5(content)));
      case PROGRAM -> {
        List<Found> found = Programs.read(content, problems);
        yield found.isEmpty() ? Optional.empty() : Optional.of(new Finding.Packages(found, 0));
      }
    };
  }

  private static Finding dpkg(Bytes content, Consumer<String> problems) throws IOException {
    List<String> found = new ArrayList<>();
    List<SystemPackage> packages = DpkgStatus.parse(array(content), length(content), found);
    found.forEach(problems);
    return new Finding.SystemPackages("deb", packages);
  }

  private static Finding copyright(String path, Bytes content) throws IOException {
    String folder = path.substring(0, path.lastIndexOf('/'));
    return new Finding.Copyright(
        folder.substring(folder.lastIndexOf('/') + 1),
        Licences.normalise(DebianCopyright.parse(array(content), length(content))));
  }

  private Finding rpm(Bytes content, Consumer<String> problems) throws IOException {
    List<SystemPackage> packages = new ArrayList<>();
    boolean[] found = {false};
    try {
      found[0] =
          SqliteTable.blobs(
              content,
              "Packages",
              blob -> {
                try {
                  RpmHeader.parse(blob, hash).ifPresent(packages::add);
                } catch (IOException | RuntimeException e) {
                  problems.accept(
                      "a package is not read: " + Shown.text(String.valueOf(e.getMessage())));
                }
              });
      if (!found[0]) {
        problems.accept("a database without the table Packages");
      }
    } catch (IOException | RuntimeException e) {
      problems.accept(
          "read up to package %d only: %s"
              .formatted(packages.size(), Shown.text(String.valueOf(e.getMessage()))));
    }
    return new Finding.SystemPackages("rpm", packages);
  }

  /**
   * Lines of a {@code .list} (absolute paths) or of a {@code .md5sums} (sum, two spaces, relative
   * path).
   */
  private Finding dpkgFiles(String path, Bytes content) throws IOException {
    byte[] data = array(content);
    int end = length(content);
    boolean sums = path.endsWith(".md5sums");
    String file = path.substring(path.lastIndexOf('/') + 1);
    long[] paths = new long[16];
    long[] md5 = new long[sums ? 16 : 0];
    int n = 0;
    int at = 0;
    while (at < end) {
      int stop = at;
      while (stop < end && data[stop] != '\n') {
        stop++;
      }
      int from = sums ? at + 34 : at + 1;
      if (from < stop && (sums || data[at] == '/')) {
        if (n == paths.length) {
          paths = java.util.Arrays.copyOf(paths, n * 2);
          md5 = sums ? java.util.Arrays.copyOf(md5, n * 2) : md5;
        }
        paths[n] = hash.of(data, from, stop);
        if (sums) {
          md5[n] = hex(data, at);
        }
        n++;
      }
      at = stop + 1;
    }
    return new Finding.Files(
        file.substring(0, file.lastIndexOf('.')),
        java.util.Arrays.copyOf(paths, n),
        java.util.Arrays.copyOf(md5, sums ? n : 0));
  }

  private static Optional<Found> npm(Bytes content) throws IOException {
    return NpmManifest.parse(array(content), length(content))
        .map(manifest ->
            new Found(
                "npm",
                "",
                manifest.name(),
                manifest.version(),
                true,
                List.of(),
                Licences.normalise(manifest.licences()),
                Map.of(),
                Map.of()));
  }

  private static Optional<Found> python(Bytes content, Consumer<String> problems)
      throws IOException {
    Optional<PythonMetadata> metadata = PythonMetadata.parse(array(content), length(content));
    if (metadata.isEmpty()) {
      problems.accept("Python metadata without Name or Version");
    }
    return metadata.map(found ->
        new Found(
            "pypi",
            "",
            PythonMetadata.normalName(found.name()),
            found.version(),
            true,
            List.of(),
            Licences.normalise(found.licences()),
            Map.of(),
            Map.of()));
  }

  /**
   * The first eight bytes of the MD5, which is what dpkg records; only compared with dpkg's own
   * sums.
   */
  private static long md5(Bytes content) {
    try {
      byte[] data = array(content);
      MessageDigest md5 = MessageDigest.getInstance("MD5");
      md5.update(data, 0, length(content));
      return java.nio.ByteBuffer.wrap(md5.digest()).getLong();
    } catch (IOException | NoSuchAlgorithmException e) {
      return 0;
    }
  }

  private static long hex(byte[] data, int at) {
    long value = 0;
    for (int i = 0; i < 16; i++) {
      value = value << 4 | Math.max(0, Character.digit(data[at + i], 16));
    }
    return value;
  }

  private static byte[] array(Bytes content) throws IOException {
    return content instanceof Bytes.InArray(byte[] array, int offset, int length) && offset == 0
        ? array
        : content.copy(0, length(content));
  }

  private static int length(Bytes content) {
    return Math.toIntExact(content.size());
  }
}
