package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.signing.cosign.PredicateNames;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** What to attest instead of signing: all commands that sign understand these options. */
final class PredicateOptions {
  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description =
          "Predicate type: a URI or cosign's short name (cyclonedx, spdxjson, slsaprovenance1, …);"
              + " with --predicate.")
  @Nullable String type;

  @Option(
      names = "--predicate",
      paramLabel = "FILE",
      description = "JSON predicate to attest; of --type spdx also tag-value text; with --type.")
  @Nullable String predicate;

  /** Whether either of the two options is there. */
  boolean given() {
    return type != null || predicate != null;
  }

  /**
   * The predicate, read; empty if something is to be signed.
   *
   * @throws BullaException {@link ErrorCode#USAGE} for half of it or an unknown type; as the file
   */
  Optional<ImageSigning.Attested> attested(Session session) {
    if (type != null && predicate != null) {
      return Optional.of(
          new ImageSigning.Attested(PredicateNames.toUri(type), read(session, type, predicate)));
    }
    if (given()) {
      throw new BullaException(ErrorCode.USAGE, "--type and --predicate go together");
    }
    return Optional.empty();
  }

  /** cosign's type spdx is a document in tag-value form, which the statement carries as a text. */
  private static JsonNode read(Session session, String type, String file) {
    byte[] bytes = InputFiles.read(session, file);
    String text = new String(bytes, StandardCharsets.UTF_8);
    return type.equals("spdx") && !text.stripLeading().startsWith("{")
        ? JsonNodeFactory.instance.stringNode(text)
        : Json.parseObject(bytes, file);
  }
}
