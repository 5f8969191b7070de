package dev.bulla.build;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Platform;
import dev.bulla.core.json.Json;
import dev.bulla.core.json.Yaml;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * An image template: what an image is made of, how it starts, what must hold of it and where it
 * goes. Field names are those of Azure Image Builder where they mean the same; {@code
 * docs/templates.md} lists them all.
 *
 * @param name for people and verdicts
 * @param directory paths of the template are relative to it
 * @param platform empty: that of the base image, or linux/amd64 without one
 * @param created the one time in the image: of every file, of the configuration and of its history
 * @param artifactTags annotations of the image manifest
 */
public record Template(
    String name,
    Path directory,
    Source source,
    List<FileStep> customize,
    Validation validation,
    List<Distribution> distribute,
    SortedMap<String, String> artifactTags,
    Duration buildTimeout,
    ImageConfig config,
    Optional<Platform> platform,
    Instant created) {

  /** File names that are tried in a directory, in this order. */
  public static final List<String> FILE_NAMES =
      List.of("bulla-image.yaml", "bulla-image.yml", "bulla-image.json");

  /**
   * Used where a template says nothing: late enough for zip files in every time zone (their years
   * start with 1980).
   */
  public static final Instant DEFAULT_CREATED = Instant.parse("1980-02-01T00:00:00Z");

  /** What {@code buildTimeoutInMinutes: 0} means. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(240);

  private static final int MAX_BYTES = 1024 * 1024;

  /** How a template is written. */
  public enum Format {
    JSON,
    YAML
  }

  public Template {
    customize = List.copyOf(customize);
    distribute = List.copyOf(distribute);
    artifactTags = new TreeMap<>(artifactTags);
  }

  /**
   * Reads a template file, or the one in a directory.
   *
   * @throws BullaException {@link ErrorCode#FILE_NOT_FOUND} naming what was tried; else as {@link
   *     #parse}
   */
  public static Template load(Path fileOrDirectory) {
    Path file = Files.isDirectory(fileOrDirectory) ? inDirectory(fileOrDirectory) : fileOrDirectory;
    if (!Files.isRegularFile(file)) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND,
          "reading the template " + file + ": there is no such file",
          "Give a template file, or a directory that holds one of "
              + String.join(", ", FILE_NAMES)
              + ".");
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND, "reading the template " + file + ": " + e.getMessage(), e);
    }
    Format format = file.toString().endsWith(".json") ? Format.JSON : Format.YAML;
    Path parent = file.toAbsolutePath().getParent();
    return parse(
        bytes, format, parent == null ? file.toAbsolutePath() : parent, "template " + file);
  }

  /**
   * Reads a template of at most 1 MiB.
   *
   * @param directory what its paths are relative to
   * @param what names the document in errors
   * @throws BullaException {@link ErrorCode#FIELD_UNKNOWN} with the nearest name, {@link
   *     ErrorCode#FIELD_INVALID}, {@link ErrorCode#TEMPLATE_UNSUPPORTED}, {@link
   *     ErrorCode#TEMPLATE_INVALID}, {@link ErrorCode#PATH_ESCAPE}; JSON errors as {@link
   *     Json#parse(byte[], String)}
   */
  public static Template parse(byte[] bytes, Format format, Path directory, String what) {
    if (bytes.length > MAX_BYTES) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE, what + ": more than " + MAX_BYTES + " bytes");
    }
    return new TemplateReader(what, directory)
        .read(
            switch (format) {
              case JSON -> Json.parse(bytes, what);
              case YAML -> Yaml.parse(bytes, what);
            });
  }

  /**
   * This template with every default spelled out and nothing of this machine in it: provenance's
   * external parameters.
   */
  public ObjectNode normalised() {
    return TemplateWriter.write(this);
  }

  /** The SHA-256 of the canonical (RFC 8785) form of {@link #normalised}. */
  public Digest digest() {
    return Digest.sha256(Json.canonical(normalised()));
  }

  @Override
  public SortedMap<String, String> artifactTags() {
    return new TreeMap<>(artifactTags);
  }

  private static Path inDirectory(Path directory) {
    List<Path> found =
        FILE_NAMES.stream().map(directory::resolve).filter(Files::isRegularFile).toList();
    if (found.size() == 1) {
      return found.getFirst();
    }
    if (found.isEmpty()) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND,
          "looking for a template in %s: none of %s is there"
              .formatted(directory, String.join(", ", FILE_NAMES)),
          "Write one of them (docs/templates.md shows how), or name the template file itself.");
    }
    throw new BullaException(
        ErrorCode.TEMPLATE_INVALID,
        "looking for a template in %s: there are several (%s)".formatted(directory, found),
        "Remove all but one, or name the template file itself.");
  }
}
