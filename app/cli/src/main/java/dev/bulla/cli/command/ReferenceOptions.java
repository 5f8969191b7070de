package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.oci.ImageLocation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which images are meant: named one by one, listed in files, or run by Kubernetes manifests. */
final class ReferenceOptions {
  private static final int MAX_BYTES = 64 * 1024 * 1024;
  private static final int MAX_REFERENCES = 100_000;
  private static final int MAX_FILES = 10_000;

  @Parameters(
      arity = "0..*",
      paramLabel = "REF",
      description = "REGISTRY/REPO[:TAG|@DIGEST], or with --oci-layout PATH:TAG or PATH@DIGEST.")
  List<String> references = List.of();

  @Option(names = "--oci-layout", description = "Take each REF as a path to an OCI layout.")
  boolean ociLayout;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "References, one a line, # for comments; - is standard input. Repeatable.")
  List<String> files = List.of();

  @Option(
      names = "--manifests",
      paramLabel = "FILE|DIR",
      description =
          "The images that these Kubernetes manifests or this Helm output would run; - is standard"
              + " input. Repeatable.")
  List<String> manifests = List.of();

  /**
   * What was asked for.
   *
   * @param references each once, as first written, with the places that name it (empty if it was
   *     named on the command line or in a list)
   * @param repeated how often one was named again
   */
  record Asked(Map<String, List<String>> references, int repeated, KubernetesImages manifests) {}

  /** Whether one image is named, and nothing else: then the answer is about that one. */
  boolean single() {
    return references.size() == 1 && files.isEmpty() && manifests.isEmpty();
  }

  /**
   * @throws BullaException {@code USAGE} if there is none at all; {@code FILE_NOT_FOUND}
   */
  Asked read(Session session) {
    if (Stream.concat(files.stream(), manifests.stream()).filter("-"::equals).count() > 1) {
      throw new BullaException(ErrorCode.USAGE, "standard input can be read only once");
    }
    if (ociLayout && !manifests.isEmpty()) {
      throw new BullaException(
          ErrorCode.USAGE, "--manifests names images of registries, not of layouts");
    }
    List<String> all = new ArrayList<>(references);
    files.forEach(file -> lines(session, file, all));
    KubernetesImages images = KubernetesImages.none();
    manifests.forEach(file -> manifests(session, file, images));
    Map<String, List<String>> once = new LinkedHashMap<>();
    Map<String, String> named = new LinkedHashMap<>();
    int count = 0;
    for (String written : all) {
      once.computeIfAbsent(first(session, written, named), any -> new ArrayList<>());
      count++;
    }
    for (Map.Entry<String, List<String>> image : images.images().entrySet()) {
      once.computeIfAbsent(first(session, image.getKey(), named), any -> new ArrayList<>())
          .addAll(image.getValue());
      count += image.getValue().size();
    }
    if (once.isEmpty() && images.problems().isEmpty()) {
      throw new BullaException(
          ErrorCode.USAGE,
          files.isEmpty() && manifests.isEmpty() ? "no image was named" : "there is no image in it",
          "Give REF, -f FILE or --manifests FILE|DIR.");
    }
    if (once.size() > MAX_REFERENCES) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE, "more than %d references".formatted(MAX_REFERENCES));
    }
    return new Asked(once, count - once.size(), images);
  }

  /**
   * @throws BullaException {@code REFERENCE_INVALID}
   */
  ImageLocation location(Session session, String written) {
    return ImageLocation.parse(ociLayout ? session.path(written).toString() : written, ociLayout);
  }

  /**
   * The first way in which this image was written: {@code nginx} and {@code nginx:latest} are one.
   */
  private String first(Session session, String written, Map<String, String> named) {
    String key;
    try {
      key = location(session, written).toString();
    } catch (BullaException e) {
      key = written; // told when its turn comes
    }
    return named.computeIfAbsent(key, any -> written);
  }

  private static void lines(Session session, String file, List<String> all) {
    byte[] bytes = read(session, file);
    new String(bytes, StandardCharsets.UTF_8)
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .forEach(all::add);
  }

  private static void manifests(Session session, String file, KubernetesImages images) {
    Path path = session.path(file);
    if (file.equals("-") || !Files.isDirectory(path)) {
      images.read(read(session, file), file.equals("-") ? "standard input" : file);
      return;
    }
    try (Stream<Path> below = Files.walk(path)) {
      List<Path> found =
          below
              .filter(one -> Files.isRegularFile(one, LinkOption.NOFOLLOW_LINKS) && isManifest(one))
              .sorted()
              .limit(MAX_FILES + 1L)
              .toList();
      if (found.size() > MAX_FILES) {
        throw new BullaException(
            ErrorCode.INPUT_TOO_LARGE, "%s: more than %d manifests".formatted(file, MAX_FILES));
      }
      for (Path one : found) {
        String name = Path.of(file).resolve(path.relativize(one)).toString();
        images.read(read(session, name), name);
      }
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND, "cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private static boolean isManifest(Path path) {
    String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
    return name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json");
  }

  /** Standard input belongs to the caller and stays open. */
  private static byte[] bytes(Session session, String file) throws IOException {
    if (file.equals("-")) {
      return session.invocation().in().readNBytes(MAX_BYTES + 1);
    }
    try (InputStream in = Files.newInputStream(session.existing(file))) {
      return in.readNBytes(MAX_BYTES + 1);
    }
  }

  private static byte[] read(Session session, String file) {
    try {
      byte[] bytes = bytes(session, file);
      if (bytes.length > MAX_BYTES) {
        throw new BullaException(
            ErrorCode.INPUT_TOO_LARGE, "%s: more than %d bytes".formatted(file, MAX_BYTES));
      }
      return bytes;
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND, "cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
