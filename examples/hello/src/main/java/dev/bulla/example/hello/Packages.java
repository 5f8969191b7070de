package dev.bulla.example.hello;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.io.FileUtils;
import org.apache.commons.lang3.StringUtils;

/** The npm packages beside the web page, as their own {@code package.json} names them. */
record Packages(List<Installed> all) {
  private static final Gson GSON = new Gson();

  /** One installed package. */
  record Installed(String name, String version, String description) {}

  static Packages installedIn(Path nodeModules) throws IOException {
    try (Stream<Path> directories = Files.list(nodeModules)) {
      return new Packages(
          directories
              .map(directory -> directory.resolve("package.json"))
              .filter(Files::isRegularFile)
              .map(Packages::read)
              .sorted(Comparator.comparing(Installed::name))
              .toList());
    }
  }

  private static Installed read(Path file) {
    try {
      Installed read =
          GSON.fromJson(FileUtils.readFileToString(file.toFile(), "UTF-8"), Installed.class);
      return new Installed(
          read.name(),
          read.version(),
          StringUtils.abbreviate(StringUtils.defaultString(read.description()), 100));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One line for each package. */
  String csv() throws IOException {
    StringWriter out = new StringWriter();
    try (CSVPrinter printer = new CSVPrinter(out, CSVFormat.DEFAULT)) {
      for (Installed one : all) {
        printer.printRecord(one.name(), one.version(), one.description());
      }
    }
    return out.toString();
  }

  /** SHA-256 over names and versions. */
  String fingerprint() {
    StringBuilder text = new StringBuilder();
    all.forEach(one -> text.append(one.name()).append('@').append(one.version()).append('\n'));
    return DigestUtils.sha256Hex(text.toString());
  }
}
