package dev.bulla.graph;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Builder and materials of a provenance predicate (slsa.dev/spec/v1.1/provenance, predicate version
 * 1).
 */
final class SlsaProvenance {
  private static final int MAX_MATERIALS = 100_000;

  private SlsaProvenance() {}

  /**
   * @throws BullaException {@code FIELD_INVALID} if a member that is read is missing or of another
   *     kind
   */
  static ReleaseRecord.Build read(Digest document, JsonNode predicate) {
    Fields root = Fields.of(predicate, "provenance");
    Fields definition = root.object("buildDefinition");
    Fields details = root.object("runDetails");
    Optional<Fields> metadata = details.optionalObject("metadata");
    List<Fields> listed = definition.objects("resolvedDependencies");
    if (listed.size() > MAX_MATERIALS) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE,
          "provenance: %d materials, at most %d are read".formatted(listed.size(), MAX_MATERIALS));
    }
    List<ReleaseRecord.Material> materials = new ArrayList<>();
    for (Fields one : listed) {
      materials.add(
          new ReleaseRecord.Material(
              one.optionalString("uri").or(() -> one.optionalString("name")).orElse(""),
              digest(one.stringMap("digest"))));
    }
    return new ReleaseRecord.Build(
        document,
        details.object("builder").string("id"),
        definition.string("buildType"),
        metadata.flatMap(fields -> fields.optionalString("invocationId")).orElse(""),
        metadata.flatMap(fields -> time(fields, "startedOn")),
        metadata.flatMap(fields -> time(fields, "finishedOn")),
        materials);
  }

  /**
   * The digest by which Bulla would know the material; others (a git commit) stay in the document.
   */
  private static Optional<Digest> digest(Map<String, String> digests) {
    for (Digest.Algorithm algorithm : List.of(Digest.Algorithm.SHA256, Digest.Algorithm.SHA512)) {
      String hex = digests.get(algorithm.id());
      if (hex != null) {
        return Optional.of(new Digest(algorithm, hex));
      }
    }
    return Optional.empty();
  }

  private static Optional<Instant> time(Fields fields, String name) {
    return fields
        .optionalString(name)
        .map(text -> {
          try {
            return DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(text, Instant::from);
          } catch (DateTimeException e) {
            throw fields.invalid(
                name, "'" + text + "', expected a time such as 2026-01-31T12:00:00Z");
          }
        });
  }
}
