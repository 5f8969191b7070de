package dev.bulla.pipeline;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Yaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * {@code bulla-ship.yaml} beside a template: what would otherwise be options of {@code ship}. Paths
 * are relative to the file.
 *
 * @param advisories a directory, zip or file of OSV records
 * @param policies bundles that are judged in addition to the built-in gates
 */
public record ShipFile(Optional<Path> advisories, List<Path> policies) {
  public static final String NAME = "bulla-ship.yaml";

  public ShipFile {
    policies = List.copyOf(policies);
  }

  /** Reads the file in {@code directory}; an absent file says nothing. */
  public static ShipFile load(Path directory) {
    Path file = directory.resolve(NAME);
    if (!Files.exists(file)) {
      return new ShipFile(Optional.empty(), List.of());
    }
    try {
      Fields fields =
          Fields.of(Yaml.parse(Files.readAllBytes(file), file.toString()), file.toString())
              .only("advisories", "policy");
      return new ShipFile(
          fields.optionalString("advisories").map(directory::resolve),
          fields.strings("policy").stream().map(directory::resolve).toList());
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.FILE_NOT_FOUND, "cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
