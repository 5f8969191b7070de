package dev.bulla.dist;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The files of the repository under test. */
final class Sources {
  private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");

  private Sources() {}

  static Path root() {
    return Path.of(System.getProperty("bulla.root", "..")).toAbsolutePath().normalize();
  }

  /** The modules that the build names, as paths from the root, in their order. */
  static List<String> modules() {
    try {
      return MODULE
          .matcher(Files.readString(root().resolve("pom.xml")))
          .results()
          .map(found -> found.group(1))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All Java sources, main and test, sorted; build output left out. */
  static List<Path> java() {
    try (Stream<Path> files = Files.walk(root())) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> !file.toString().contains("/target/"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
