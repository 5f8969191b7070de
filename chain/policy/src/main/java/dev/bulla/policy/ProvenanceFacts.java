package dev.bulla.policy;

import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The section {@code provenance}, from SLSA provenance v1 (slsa.dev/spec/v1.1/provenance). */
final class ProvenanceFacts {
  private static final int MAX_MATERIALS = 10_000;

  /**
   * Digests that fix content; MD5, SHA-1 and unknown names do not. Git object names are taken as
   * git makes them.
   */
  private static final List<String> FIXING =
      List.of("sha256", "sha384", "sha512", "gitCommit", "gitTree", "dirHash");

  private ProvenanceFacts() {}

  static ObjectNode of(List<VerifiedStatement> verified) {
    return VerifiedStatement.section(
        verified, PredicateTypes.SLSA_PROVENANCE_V1::equals, empty(), ProvenanceFacts::read);
  }

  private static ObjectNode empty() {
    ObjectNode section = Json.object();
    for (String name :
        List.of("builderId", "buildType", "invocationId", "startedOn", "finishedOn")) {
      section.put(name, "");
    }
    section.putObject("externalParameters");
    section.put("resolvedDependencies", 0);
    section.putArray("materials");
    section.putArray("unpinned");
    return section;
  }

  private static VerifiedStatement.Reading read(VerifiedStatement one) {
    Fields definition = one.predicate().object("buildDefinition");
    Fields run = one.predicate().object("runDetails");
    Optional<Fields> metadata = run.optionalObject("metadata");
    Optional<Instant> started = metadata.flatMap(m -> Read.time(m, "startedOn"));
    Optional<Instant> finished = metadata.flatMap(m -> Read.time(m, "finishedOn"));
    ObjectNode section = empty();
    section.put("builderId", run.object("builder").string("id"));
    section.put("buildType", definition.string("buildType"));
    section.put("invocationId", metadata.map(m -> Read.text(m, "invocationId")).orElse(""));
    section.put("startedOn", Read.shown(started));
    section.put("finishedOn", Read.shown(finished));
    definition
        .optionalObject("externalParameters")
        .ifPresent(given ->
            section.set("externalParameters", Plain.object(given.node(), "external parameters")));
    materials(definition, section);
    return new VerifiedStatement.Reading(finished.or(() -> started).orElse(Instant.EPOCH), section);
  }

  /**
   * The builder says that it took from elsewhere whatever was there, and noted the digest
   * afterwards.
   */
  private static boolean takenAsFound(String uri, Optional<Fields> note) {
    boolean demanded =
        note.filter(n -> n.node().path("pinned").isBoolean())
            .flatMap(n -> n.optionalBoolean("pinned"))
            .orElse(true);
    return !demanded && TemplateFacts.isRemote(uri);
  }

  private static void materials(Fields definition, ObjectNode section) {
    ArrayNode materials = section.putArray("materials");
    ArrayNode unpinned = section.putArray("unpinned");
    for (Fields one : Read.objects(definition, "resolvedDependencies", MAX_MATERIALS)) {
      Map<String, String> digests = new TreeMap<>(one.stringMap("digest"));
      Optional<String> fixing = FIXING.stream().filter(digests::containsKey).findFirst();
      Optional<Fields> note = one.optionalObject("annotations");
      String name = Read.text(one, "name");
      String uri = Read.text(one, "uri");
      boolean pinned = fixing.isPresent() && !takenAsFound(uri, note);
      materials
          .addObject()
          .put("name", name)
          .put("uri", uri)
          .put(
              "digest",
              fixing.map(algorithm -> algorithm + ":" + digests.get(algorithm)).orElse(""))
          .put("kind", note.map(n -> Read.text(n, "kind")).orElse(""))
          .put("pinned", pinned);
      if (!pinned) {
        unpinned.add(uri.isEmpty() ? name : uri);
      }
    }
    section.put("resolvedDependencies", materials.size());
  }
}
