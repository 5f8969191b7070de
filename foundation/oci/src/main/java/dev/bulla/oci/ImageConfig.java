package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.Platform;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Fields;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * How an image wants to be run and what its layers unpack to (OCI image specification, "Image
 * Configuration"). Unknown fields are ignored.
 *
 * @param platform empty if it names none, as images that tools make of layers alone
 * @param user name or number, optionally with {@code :group}; empty for root
 * @param env {@code NAME=VALUE}
 * @param workingDir absolute path, or empty
 * @param exposedPorts {@code 8080/tcp}, sorted
 * @param diffIds digests of the uncompressed layers, lowest first
 */
public record ImageConfig(
    Optional<Platform> platform,
    Optional<Instant> created,
    String user,
    List<String> env,
    List<String> entrypoint,
    List<String> cmd,
    String workingDir,
    Map<String, String> labels,
    List<String> exposedPorts,
    List<Digest> diffIds,
    List<History> history) {

  /** The largest configuration that should be read: 4 MiB. */
  public static final int MAX_BYTES = 4 * 1024 * 1024;

  /**
   * One step of how the image came about, as its builder tells it.
   *
   * @param emptyLayer whether the step made no layer
   */
  public record History(
      Optional<Instant> created, String createdBy, String comment, boolean emptyLayer) {}

  public ImageConfig {
    env = List.copyOf(env);
    entrypoint = List.copyOf(entrypoint);
    cmd = List.copyOf(cmd);
    labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
    exposedPorts = List.copyOf(exposedPorts);
    diffIds = List.copyOf(diffIds);
    history = List.copyOf(history);
  }

  /**
   * Reads the bytes of a config blob.
   *
   * @throws BullaException {@code MANIFEST_INVALID} if fields that matter are missing or of the
   *     wrong kind; JSON errors as {@link dev.bulla.core.json.Json#parse}
   */
  public static ImageConfig parse(byte[] bytes) {
    return Contents.orInvalid(() -> read(Contents.fields(bytes, "image config")));
  }

  private static ImageConfig read(Fields root) {
    Optional<Fields> run = root.optionalObject("config");
    List<String> ports =
        run.flatMap(c -> c.optionalObject("ExposedPorts"))
            .map(all -> List.copyOf(new TreeSet<>(all.node().propertyNames())))
            .orElse(List.of());
    List<Digest> diffIds =
        root.optionalObject("rootfs").map(fs -> fs.strings("diff_ids")).orElse(List.of()).stream()
            .map(Digest::parse)
            .toList();
    List<History> history = new ArrayList<>();
    for (Fields one : root.objects("history")) {
      history.add(
          new History(
              time(one, "created"),
              one.optionalString("created_by").orElse(""),
              one.optionalString("comment").orElse(""),
              one.optionalBoolean("empty_layer").orElse(false)));
    }
    return new ImageConfig(
        platform(root),
        time(root, "created"),
        run.flatMap(c -> c.optionalString("User")).orElse(""),
        run.map(c -> c.strings("Env")).orElse(List.of()),
        run.map(c -> c.strings("Entrypoint")).orElse(List.of()),
        run.map(c -> c.strings("Cmd")).orElse(List.of()),
        run.flatMap(c -> c.optionalString("WorkingDir")).orElse(""),
        run.map(c -> c.stringMap("Labels")).orElse(Map.of()),
        ports,
        diffIds,
        history);
  }

  private static Optional<Platform> platform(Fields root) {
    String os = root.optionalString("os").orElse("");
    String architecture = root.optionalString("architecture").orElse("");
    return os.isEmpty() && architecture.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Platform(
                os, architecture, root.optionalString("variant").filter(v -> !v.isEmpty())));
  }

  private static Optional<Instant> time(Fields fields, String name) {
    return fields
        .optionalString(name)
        .filter(text -> !text.isEmpty())
        .map(text -> {
          try {
            return OffsetDateTime.parse(text).toInstant();
          } catch (DateTimeParseException e) {
            throw fields.invalid(name, "'" + Shown.text(text) + "', expected an RFC 3339 time");
          }
        });
  }
}
