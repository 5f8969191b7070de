package dev.bulla.pipeline;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Fields;
import dev.bulla.core.statement.Statement;
import dev.bulla.graph.ReleaseRecord;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads SLSA provenance v1, of any builder, as far as the graph keeps it. */
final class ProvenanceReader {
  private ProvenanceReader() {}

  static ReleaseRecord.Build read(Digest document, Statement statement) {
    Fields predicate = Fields.of(statement.predicate(), "provenance");
    Fields definition = predicate.object("buildDefinition");
    Fields details = predicate.object("runDetails");
    Optional<Fields> metadata = details.optionalObject("metadata");
    List<ReleaseRecord.Material> materials = new ArrayList<>();
    for (Fields dependency : definition.objects("resolvedDependencies")) {
      materials.add(
          new ReleaseRecord.Material(
              dependency
                  .optionalString("uri")
                  .or(() -> dependency.optionalString("name"))
                  .orElse(""),
              digest(dependency.stringMap("digest"))));
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

  /** The first digest of an algorithm that is known here; a git commit has none. */
  private static Optional<Digest> digest(Map<String, String> digests) {
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
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
            return Instant.parse(text);
          } catch (DateTimeException e) {
            throw fields.invalid(name, "'" + text + "', expected an RFC 3339 time");
          }
        });
  }
}
