package dev.bulla.graph;

import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import dev.bulla.core.verdict.RuleResult;
import dev.bulla.inventory.Location;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One answer to a question: a typed value with its JSON form; {@link AnswerText} shows it to
 * people.
 */
public sealed interface Answer {

  /** Member names are stable; optional members are absent rather than null. */
  ObjectNode toJson();

  /** What became of an image under a name. */
  enum Status {
    SHIPPED,
    /** Judged and refused: not published under this name. */
    REFUSED;

    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * An image under a name.
   *
   * @param reference {@code registry/repository:tag}, without digest
   */
  record Release(
      String reference,
      Digest image,
      Status status,
      Optional<Instant> created,
      String platform,
      Instant recorded)
      implements Answer {
    @Override
    public ObjectNode toJson() {
      ObjectNode node = Json.object().put("reference", reference).put("image", image.toString());
      node.put("status", status.id());
      created.ifPresent(time -> node.put("created", time.toString()));
      if (!platform.isEmpty()) {
        node.put("platform", platform);
      }
      return node.put("recorded", recorded.toString());
    }
  }

  /** A document that a fact comes from, with the best outcome among its signatures. */
  record Source(Digest document, String kind, Trust trust, String authority, String identity)
      implements Answer {
    @Override
    public ObjectNode toJson() {
      return Json.object()
          .put("document", document.toString())
          .put("kind", kind)
          .put("trust", trust.id())
          .put("authority", authority)
          .put("identity", identity);
    }
  }

  /**
   * A package in a given version, as the ecosystem names it; {@code purl} is empty if it has none.
   */
  record PackageVersion(String type, String name, String version, String purl) implements Answer {
    @Override
    public ObjectNode toJson() {
      ObjectNode node = Json.object().put("type", type).put("name", name).put("version", version);
      if (!purl.isEmpty()) {
        node.put("purl", purl);
      }
      return node;
    }

    /** The purl, or what there is instead. */
    @Override
    public String toString() {
      return purl.isEmpty() ? name + (version.isEmpty() ? "" : " " + version) : purl;
    }
  }

  /** A component of a release: where it lies and which documents say so. */
  record Content(
      Release release,
      PackageVersion component,
      List<String> licences,
      List<Location> places,
      List<Source> sources)
      implements Answer {
    public Content {
      licences = List.copyOf(licences);
      places = List.copyOf(places);
      sources = List.copyOf(sources);
    }

    @Override
    public ObjectNode toJson() {
      ObjectNode node = Json.object();
      node.set("release", release.toJson());
      node.set("component", component.toJson());
      ArrayNode named = node.putArray("licences");
      licences.forEach(named::add);
      addPlaces(node, places);
      addSources(node, sources);
      return node;
    }
  }

  /** Where the knowledge of an exposure comes from. */
  enum Basis {
    /** The advisory set of today, matched with what the release contains. */
    ADVISORIES,
    /** A scan document of the release; today's set does not know the vulnerability. */
    SCAN;

    public String id() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A component of a release that a vulnerability affects.
   *
   * @param vulnerability all names of it, the best known first
   * @param advisories the records that say so
   * @param fixed first versions without it; several if the records differ, none if there is no fix
   * @param sources documents that say the component is there (and, for {@link Basis#SCAN},
   *     affected)
   */
  record Exposure(
      Release release,
      List<String> vulnerability,
      String severity,
      PackageVersion component,
      List<String> fixed,
      List<String> advisories,
      Basis basis,
      List<Location> places,
      List<Source> sources)
      implements Answer {
    public Exposure {
      vulnerability = List.copyOf(vulnerability);
      fixed = List.copyOf(fixed);
      advisories = List.copyOf(advisories);
      places = List.copyOf(places);
      sources = List.copyOf(sources);
    }

    @Override
    public ObjectNode toJson() {
      ObjectNode node = Json.object();
      node.set("release", release.toJson());
      ArrayNode names = node.putArray("vulnerability");
      vulnerability.forEach(names::add);
      node.put("severity", severity);
      node.set("component", component.toJson());
      ArrayNode versions = node.putArray("fixed");
      fixed.forEach(versions::add);
      ArrayNode records = node.putArray("advisories");
      advisories.forEach(records::add);
      node.put("basis", basis.id());
      addPlaces(node, places);
      addSources(node, sources);
      return node;
    }
  }

  /** How two releases differ in one respect. */
  enum Change {
    ADDED,
    REMOVED,
    /** The same package in other versions. */
    CHANGED,
    FINDING_GAINED,
    FINDING_LOST;

    public String id() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * One difference between two releases.
   *
   * @param type purl type of the package
   * @param name of the package
   * @param before versions in the first release
   * @param after versions in the second
   * @param vulnerability for a finding: all its names; else empty
   */
  record Difference(
      Change change,
      String type,
      String name,
      List<String> before,
      List<String> after,
      List<String> vulnerability)
      implements Answer {
    public Difference {
      before = List.copyOf(before);
      after = List.copyOf(after);
      vulnerability = List.copyOf(vulnerability);
    }

    @Override
    public ObjectNode toJson() {
      ObjectNode node =
          Json.object().put("change", change.id()).put("type", type).put("name", name);
      ArrayNode old = node.putArray("before");
      before.forEach(old::add);
      ArrayNode now = node.putArray("after");
      after.forEach(now::add);
      if (!vulnerability.isEmpty()) {
        ArrayNode names = node.putArray("vulnerability");
        vulnerability.forEach(names::add);
      }
      return node;
    }
  }

  /** A document about an image, by one of its carriers. */
  record Evidence(Digest image, EvidenceDocument document) implements Answer {
    @Override
    public ObjectNode toJson() {
      ObjectNode node = Json.object().put("image", image.toString());
      node.put("document", document.digest().toString());
      document.manifest().ifPresent(digest -> node.put("manifest", digest.toString()));
      node.put("kind", document.kind()).put("mediaType", document.mediaType());
      node.put("size", document.size()).put("format", document.format());
      node.put("trust", document.trust().id());
      node.put("authority", document.authority()).put("identity", document.identity());
      document.code().ifPresent(code -> node.put("code", code.id()));
      return node.put("verifiedAt", document.verifiedAt().toString());
    }
  }

  /** How an image was built, as a provenance document says. */
  record Provenance(Digest image, ReleaseRecord.Build build, Source source) implements Answer {
    @Override
    public ObjectNode toJson() {
      ObjectNode node = Json.object().put("image", image.toString());
      node.put("builder", build.builder()).put("buildType", build.buildType());
      node.put("invocation", build.invocation());
      build.started().ifPresent(time -> node.put("started", time.toString()));
      build.finished().ifPresent(time -> node.put("finished", time.toString()));
      ArrayNode materials = node.putArray("materials");
      for (ReleaseRecord.Material material : build.materials()) {
        ObjectNode one = materials.addObject().put("uri", material.uri());
        material.digest().ifPresent(digest -> one.put("digest", digest.toString()));
      }
      node.set("source", source.toJson());
      return node;
    }
  }

  /**
   * A verdict that refused.
   *
   * @param name the reference or template that was judged
   * @param image empty if it was refused before there was one
   * @param rules every rule result, blocking ones included
   */
  record Refusal(
      String name,
      Optional<Digest> image,
      String phase,
      String policy,
      Digest policyDigest,
      Instant time,
      List<RuleResult> rules)
      implements Answer {
    public Refusal {
      rules = List.copyOf(rules);
    }

    @Override
    public ObjectNode toJson() {
      ObjectNode node = Json.object().put("name", name);
      image.ifPresent(digest -> node.put("image", digest.toString()));
      node.put("phase", phase).put("policy", policy).put("policyDigest", policyDigest.toString());
      node.put("time", time.toString());
      ArrayNode results = node.putArray("rules");
      rules.forEach(rule -> results.add(RuleJson.write(rule)));
      return node;
    }
  }

  private static void addPlaces(ObjectNode node, List<Location> places) {
    ArrayNode array = node.putArray("places");
    for (Location place : places) {
      ObjectNode one = array.addObject();
      place.layer().ifPresent(layer -> one.put("layer", layer.toString()));
      one.put("path", place.path());
      if (!place.nested().isEmpty()) {
        ArrayNode nested = one.putArray("nested");
        place.nested().forEach(nested::add);
      }
    }
  }

  private static void addSources(ObjectNode node, List<Source> sources) {
    ArrayNode array = node.putArray("sources");
    sources.forEach(source -> array.add(source.toJson()));
  }
}
