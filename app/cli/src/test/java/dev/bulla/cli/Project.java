package dev.bulla.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The files of somebody who ships a small application: a jar, an npm package, a template,
 * advisories.
 */
record Project(Path directory) {

  /** A template with one File step for each argument, {@code SOURCE DESTINATION}. */
  static String template(String repository, String tag, String... files) {
    StringBuilder steps = new StringBuilder();
    for (String file : files) {
      String[] words = file.split(" ", 2);
      steps.append(
          "  - {type: File, sourceUri: %s, destination: %s}%n".formatted(words[0], words[1]));
    }
    return """
    name: %s
    source: {type: Scratch}
    customize:
    %sconfig: {user: "65532", entrypoint: [java, -jar, /app/app.jar]}
    distribute:
      - {type: Registry, repository: %s, tags: ["%s"]}
    """
        .formatted(repository.replace('/', '-'), steps, repository, tag);
  }

  /**
   * An application whose jar says that it is {@code coordinates}, {@code GROUP:ARTIFACT:VERSION}.
   */
  static Project application(Path directory, String repository, String tag, String coordinates) {
    return new Project(directory)
        .jar("app.jar", coordinates)
        .text(
            "web/node_modules/tiny/package.json",
            "{\"name\": \"tiny\", \"version\": \"2.0.0\", \"license\": \"MIT\"}")
        .text("bulla-image.yaml", template(repository, tag, "app.jar /app/app.jar", "web /app/web"))
        .text("bulla-ship.yaml", "advisories: ../osv\n");
  }

  Project text(String name, String text) {
    return bytes(name, text.getBytes(StandardCharsets.UTF_8));
  }

  Project bytes(String name, byte[] bytes) {
    try {
      Path file = directory.resolve(name);
      Files.createDirectories(file.getParent());
      Files.write(file, bytes);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A jar with the {@code pom.properties} that Maven would put into it. */
  Project jar(String name, String coordinates) {
    List<String> words = List.of(coordinates.split(":"));
    String directory = "META-INF/maven/%s/%s/".formatted(words.get(0), words.get(1));
    String properties =
        "groupId=%s%nartifactId=%s%nversion=%s%n"
            .formatted(words.get(0), words.get(1), words.get(2));
    return zip(
        name,
        Map.of(
            directory + "pom.properties",
            properties,
            "META-INF/MANIFEST.MF",
            "Manifest-Version: 1.0\n"));
  }

  Project zip(String name, Map<String, String> entries) {
    Path file = directory.resolve(name);
    try {
      Files.createDirectories(file.getParent());
      try (OutputStream out = Files.newOutputStream(file);
          ZipOutputStream zip = new ZipOutputStream(out)) {
        for (Map.Entry<String, String> entry : new TreeMap<>(entries).entrySet()) {
          ZipEntry header = new ZipEntry(entry.getKey());
          header.setTimeLocal(LocalDateTime.of(2000, 1, 1, 0, 0));
          zip.putNextEntry(header);
          zip.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
        }
      }
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A demonstration set with one record: log4j-core before 2.15.0, known by two names. */
  Project advisories(String name) {
    return text(
            name + "/set.json",
            "{\"name\": \"test\", \"date\": \"2026-08-22\", \"demonstration\": true}")
        .text(name + "/GHSA-jfh8-c2jp-5v3q.json", LOG4SHELL);
  }

  static final String LOG4SHELL =
      """
      {"schema_version": "1.4.0", "id": "GHSA-jfh8-c2jp-5v3q", "modified": "2026-08-20T00:00:00Z",
       "aliases": ["CVE-2021-44228"], "summary": "Remote code injection in Log4j",
       "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"}],
       "affected": [{"package": {"ecosystem": "Maven", "name": "org.apache.logging.log4j:log4j-core"},
         "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "2.13.0"}, {"fixed": "2.15.0"}]}]}]}
      """;
}
