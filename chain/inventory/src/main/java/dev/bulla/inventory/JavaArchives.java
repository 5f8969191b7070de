package dev.bulla.inventory;

import dev.bulla.core.Shown;
import dev.bulla.inventory.Finding.Found;
import dev.bulla.inventory.archive.Bytes;
import dev.bulla.inventory.archive.ZipDirectory;
import dev.bulla.inventory.format.JavaManifest;
import dev.bulla.inventory.format.PomProperties;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Components of a Java archive and of the archives inside it.
 *
 * <p>Only the central directory is read, and of the entries only Maven's coordinates, the manifest
 * and nested archives; a nested archive that is stored is read in place, a compressed one is
 * inflated into memory. What an archive is comes from the strongest evidence it holds: coordinates
 * that fit its file name, classes known from a released library, manifest and file name (only with
 * a group that the classes bear out does that yield a purl). Coordinates of others inside the
 * archive are embedded libraries, and so are libraries whose classes are there without coordinates.
 * Thread-safe.
 */
final class JavaArchives {
  private static final int MAX_DEPTH = 8;
  private static final int MAX_NESTED = 256 * 1024 * 1024;
  private static final long MAX_INFLATED = 2L * 1024 * 1024 * 1024;
  private static final int MAX_METADATA = 1024 * 1024;
  private static final int MAX_FOUND = 20_000;
  private static final String MAVEN = "META-INF/maven/";

  /** What one outermost archive may cost. */
  private static final class Budget {
    long inflated;
  }

  /**
   * Reads an archive and everything inside it.
   *
   * @param problems takes sentences; those about nested archives begin with the nested path
   */
  List<Found> read(String path, Bytes content, Consumer<String> problems) {
    List<Found> found = new ArrayList<>();
    read(
        path.substring(path.lastIndexOf('/') + 1),
        content,
        List.of(),
        new Budget(),
        found,
        problems);
    return found;
  }

  private void read(
      String fileName,
      Bytes content,
      List<String> nested,
      Budget budget,
      List<Found> found,
      Consumer<String> problems) {
    String where = nested.isEmpty() ? "" : String.join("!", nested) + ": ";
    ZipDirectory zip;
    try {
      zip = ZipDirectory.read(content);
    } catch (IOException e) {
      problems.accept(where + message(e));
      return;
    }
    if (zip.overlaps()) {
      problems.accept(
          where + "entries of this archive overlap; it was made to deceive or is damaged");
    }
    List<PomProperties> poms = new ArrayList<>();
    JavaManifest manifest = JavaManifest.none();
    List<Integer> inner = new ArrayList<>();
    for (int i = 0; i < zip.count(); i++) {
      try {
        if (isPom(zip, i)) {
          PomProperties.parse(zip.content(i, MAX_METADATA)).ifPresent(poms::add);
        } else if (zip.nameLength(i) == 20 && zip.nameEndsWith(i, "META-INF/MANIFEST.MF")) {
          manifest = JavaManifest.parse(zip.content(i, MAX_METADATA));
        } else if (Interest.java(
            zip.nameBytes(), zip.nameStart(i), zip.nameStart(i) + zip.nameLength(i))) {
          inner.add(i);
        }
      } catch (IOException e) {
        problems.accept(where + message(e));
      }
    }
    if (found.size() > MAX_FOUND) {
      problems.accept(
          where + "more than %d components; the others are left out".formatted(MAX_FOUND));
      return;
    }
    new JavaArchive(fileName, content, zip, poms, manifest, nested).addTo(found);
    for (int i : inner) {
      readNested(zip, i, nested, budget, found, problems);
    }
  }

  private static boolean isPom(ZipDirectory zip, int entry) {
    return zip.nameEndsWith(entry, "/pom.properties") && zip.nameStartsWith(entry, MAVEN);
  }

  private void readNested(
      ZipDirectory zip,
      int entry,
      List<String> nested,
      Budget budget,
      List<Found> found,
      Consumer<String> problems) {
    String name = zip.name(entry);
    List<String> path = new ArrayList<>(nested);
    path.add(name);
    String where = String.join("!", path) + ": ";
    if (path.size() > MAX_DEPTH) {
      problems.accept(
          where + "archives are nested more than %d deep; not read".formatted(MAX_DEPTH));
      return;
    }
    try {
      Bytes content;
      if (zip.stored(entry)) {
        content = zip.raw(entry);
      } else {
        byte[] inflated = zip.content(entry, MAX_NESTED);
        budget.inflated += inflated.length;
        content = Bytes.of(inflated);
      }
      if (budget.inflated > MAX_INFLATED || found.size() > MAX_FOUND) {
        problems.accept(where + "the archives inside expand to more than is read");
        return;
      }
      read(name.substring(name.lastIndexOf('/') + 1), content, path, budget, found, problems);
    } catch (IOException e) {
      problems.accept(where + message(e));
    }
  }

  private static String message(IOException e) {
    return Shown.text(e.getMessage() == null ? "unreadable" : e.getMessage());
  }
}
