package dev.bulla.build;

import dev.bulla.build.layer.LayerWriter;
import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The lock of a build and its SLSA provenance v1.
 *
 * <p>The lock depends on the inputs alone. The provenance holds times and an invocation id, so it
 * differs from run to run and is never part of the image. Its layout is fixed by {@value
 * #BUILD_TYPE}, described in {@code docs/templates.md}.
 */
final class Provenance {
  static final String BUILD_TYPE = "https://bulla.dev/build/template/v1";
  static final String LOCK_MEDIA_TYPE = "application/vnd.bulla.build.lock.v1+json";

  private Provenance() {}

  /** RFC 8785 JSON. */
  static byte[] lock(ResolvedTemplate resolved) {
    ObjectNode root = Json.object();
    root.put("formatVersion", 1);
    root.put("template", resolved.template().digest().toString());
    root.set("writer", writer());
    root.set("inputs", resolved.inputList());
    return Json.canonical(root);
  }

  /** When a build ran and under which name. */
  record Run(Builder builder, String invocationId, Instant started, Instant finished) {}

  static Statement statement(ResolvedTemplate resolved, Digest image, byte[] lock, Run run) {
    ObjectNode predicate = Json.object();
    ObjectNode definition = predicate.putObject("buildDefinition");
    definition.put("buildType", BUILD_TYPE);
    definition.putObject("externalParameters").set("template", resolved.template().normalised());
    ObjectNode internal = definition.putObject("internalParameters");
    internal.put("lock", Digest.sha256(lock).toString());
    internal.set("writer", writer());
    ArrayNode dependencies = definition.putArray("resolvedDependencies");
    for (Input input : resolved.inputs()) {
      ObjectNode one = dependencies.addObject().put("uri", input.uri());
      one.set("digest", digestSet(input.digest()));
      one.put("name", input.name());
      ObjectNode annotations = one.putObject("annotations").put("kind", input.kind().id());
      annotations.put("pinned", input.pinned());
    }
    ObjectNode details = predicate.putObject("runDetails");
    ObjectNode builder = details.putObject("builder").put("id", run.builder().id());
    ObjectNode version = builder.putObject("version");
    run.builder().version().forEach(version::put);
    details
        .putObject("metadata")
        .put("invocationId", run.invocationId())
        .put("startedOn", run.started().truncatedTo(ChronoUnit.SECONDS).toString())
        .put("finishedOn", run.finished().truncatedTo(ChronoUnit.SECONDS).toString());
    ObjectNode byproduct = details.putArray("byproducts").addObject().put("name", "lock");
    byproduct.set("digest", digestSet(Digest.sha256(lock)));
    byproduct.put("mediaType", LOCK_MEDIA_TYPE);
    return Statement.about(image, PredicateTypes.SLSA_PROVENANCE_V1, predicate);
  }

  private static ObjectNode writer() {
    ObjectNode writer =
        Json.object().put("compatibilityVersion", LayerWriter.COMPATIBILITY_VERSION);
    writer
        .putObject("compressor")
        .put("name", LayerWriter.COMPRESSOR)
        .put("version", LayerWriter.COMPRESSOR_VERSION)
        .put("level", LayerWriter.COMPRESSOR_LEVEL);
    return writer;
  }

  private static ObjectNode digestSet(Digest digest) {
    return Json.object().put(digest.algorithm().id(), digest.hex());
  }
}
