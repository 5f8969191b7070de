package dev.bulla.graph;

import dev.bulla.advisory.AdvisorySet;
import dev.bulla.advisory.Matcher;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Platform;
import dev.bulla.core.Reference;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.verdict.Evidence;
import dev.bulla.core.verdict.RuleResult;
import dev.bulla.core.verdict.Verdict;
import dev.bulla.inventory.Component;
import dev.bulla.inventory.Inventory;
import dev.bulla.inventory.Inventory.Distribution;
import dev.bulla.inventory.Location;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Releases, documents and advisories for the tests of this package. */
final class Samples {
  static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
  static final Digest APP_LAYER = digest("layer: application");

  /** The bytes of a graph without contents: making the tables costs more than most tests. */
  private static final byte[] EMPTY = empty();

  private Samples() {}

  private static byte[] empty() {
    try {
      Path folder = Files.createTempDirectory("bulla-graph");
      Path file = folder.resolve("graph.db");
      Graph.open(file).close();
      byte[] bytes = Files.readAllBytes(file);
      Files.delete(file);
      Files.delete(folder);
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A new graph in {@code folder/graph.db}. */
  static Graph emptyGraph(Path folder) {
    try {
      Path file = Files.write(folder.resolve("graph.db"), EMPTY);
      return Graph.open(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Digest digest(String text) {
    return Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  static Component maven(String group, String artifact, String version) {
    return new Component(
        "maven",
        group + ":" + artifact,
        version,
        Optional.of("pkg:maven/" + group + "/" + artifact + "@" + version),
        List.of("Apache-2.0"),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(
            new Location(
                Optional.of(APP_LAYER),
                "/app/app.jar",
                List.of("BOOT-INF/lib/" + artifact + "-" + version + ".jar"))),
        Map.of(),
        Map.of());
  }

  static Component log4j(String version) {
    return maven("org.apache.logging.log4j", "log4j-core", version);
  }

  static Component component(String type, String name, String version, String purl, String path) {
    return new Component(
        type,
        name,
        version,
        purl.isEmpty() ? Optional.empty() : Optional.of(purl),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(new Location(Optional.of(APP_LAYER), path, List.of())),
        Map.of(),
        Map.of());
  }

  static Component ownedBy(Component component, String owner) {
    return new Component(
        component.type(),
        component.name(),
        component.version(),
        component.purl(),
        component.licences(),
        component.sourceName(),
        component.sourceVersion(),
        Optional.of(owner),
        component.locations(),
        component.hashes(),
        component.properties());
  }

  static Inventory inventory(Component... components) {
    return new Inventory(
        Optional.empty(), "sample", Optional.empty(), List.of(components), List.of());
  }

  static Inventory debian(Component... components) {
    return new Inventory(
        Optional.empty(),
        "sample",
        Optional.of(new Distribution("debian", "12", Optional.of("bookworm"), "Debian 12")),
        List.of(components),
        List.of());
  }

  /** A release under construction; every document is verified unless said otherwise. */
  static final class Draft {
    private final String reference;
    private final Digest image;
    private final List<EvidenceDocument> documents = new ArrayList<>();
    private final List<ReleaseRecord.Contents> contents = new ArrayList<>();
    private final List<ReleaseRecord.Scan> scans = new ArrayList<>();
    private final List<ReleaseRecord.Build> builds = new ArrayList<>();
    private final List<Verdict> verdicts = new ArrayList<>();
    private ReleaseRecord.Decision decision = ReleaseRecord.Decision.PASSED;
    private Instant at = NOON;
    private Trust trust = Trust.VERIFIED;

    Draft(String reference) {
      this.reference = reference;
      this.image = digest("image " + reference);
    }

    Draft at(Instant value) {
      at = value;
      return this;
    }

    Draft trust(Trust value) {
      trust = value;
      return this;
    }

    Draft holding(Component... components) {
      return holding(inventory(components));
    }

    Draft holding(Inventory inventory) {
      Digest document = document("sbom " + inventory, PredicateTypes.CYCLONEDX);
      contents.add(new ReleaseRecord.Contents(document, inventory));
      return this;
    }

    Draft scanned(AdvisorySet set) {
      Inventory inventory = contents.getLast().inventory();
      Digest document =
          document("scan " + inventory + set.digest(), PredicateTypes.VULNERABILITIES_V02);
      scans.add(new ReleaseRecord.Scan(document, Matcher.match(inventory, set)));
      return this;
    }

    Draft builtBy(String builder, ReleaseRecord.Material... materials) {
      Digest document = document("provenance " + builder, PredicateTypes.SLSA_PROVENANCE_V1);
      builds.add(
          new ReleaseRecord.Build(
              document,
              builder,
              "https://example.org/build",
              "run-1",
              Optional.of(NOON),
              Optional.of(NOON.plusSeconds(3)),
              List.of(materials)));
      return this;
    }

    Draft refused(RuleResult... results) {
      decision = ReleaseRecord.Decision.FAILED;
      verdicts.add(verdict(reference, Optional.of(image), results));
      return this;
    }

    private Digest document(String text, String kind) {
      Digest digest = digest(text);
      documents.add(
          Samples.document(digest, kind, trust, digest("manifest of " + text + image), at));
      return digest;
    }

    ReleaseRecord build() {
      return new ReleaseRecord(
          Reference.parseName(reference),
          image,
          Optional.of(NOON.minusSeconds(60)),
          Optional.of(new Platform("linux", "amd64")),
          decision,
          at,
          documents,
          contents,
          scans,
          builds,
          verdicts);
    }
  }

  static Draft release(String reference) {
    return new Draft(reference);
  }

  static EvidenceDocument document(
      Digest digest, String kind, Trust trust, Digest manifest, Instant at) {
    boolean verified = trust == Trust.VERIFIED;
    return new EvidenceDocument(
        digest,
        trust == Trust.UNVERIFIED ? Optional.empty() : Optional.of(manifest),
        "application/vnd.in-toto+json",
        kind,
        1234,
        trust == Trust.UNVERIFIED ? "" : "sigstore-bundle",
        trust,
        verified ? "release key" : "",
        verified ? "sha256:0a0b0c" : "",
        trust == Trust.REJECTED ? Optional.of(ErrorCode.SIGNATURE_INVALID) : Optional.empty(),
        at);
  }

  static Verdict verdict(String name, Optional<Digest> subject, RuleResult... results) {
    return new Verdict(
        subject.isPresent() ? "build.post" : "build.pre",
        subject,
        name,
        NOON,
        "built-in",
        digest("policy"),
        digest("facts of " + name),
        List.of(results));
  }

  static RuleResult failed(String id, String message) {
    return new RuleResult(
        id,
        RuleResult.Outcome.FAIL,
        ErrorCode.POLICY_RULE_FAILED.id(),
        message,
        "Update log4j-core to 2.17.1.",
        List.of(new Evidence("component", Optional.empty(), "log4j-core 2.14.1")));
  }

  static RuleResult passed(String id) {
    return new RuleResult(id, RuleResult.Outcome.PASS, "", "as demanded", "", List.of());
  }

  /** What the GitHub database says of Log4Shell, as far as matching needs it. */
  static String log4shell(String modified, String more) {
    return osv(
        "GHSA-jfh8-c2jp-5v3q",
        modified,
        "\"aliases\": [\"CVE-2021-44228\"],"
            + more
            + "\"database_specific\": {\"severity\": \"CRITICAL\"},"
            + "\"summary\": \"Remote code injection in Log4j\",",
        "Maven",
        "org.apache.logging.log4j:log4j-core",
        "{\"introduced\":\"2.13.0\"},{\"fixed\":\"2.15.0\"}",
        "{\"introduced\":\"2.4.0\"},{\"fixed\":\"2.12.2\"}");
  }

  static String osv(
      String id, String modified, String more, String ecosystem, String name, String... events) {
    StringBuilder ranges = new StringBuilder();
    for (String one : events) {
      ranges
          .append(ranges.isEmpty() ? "" : ",")
          .append("{\"type\":\"ECOSYSTEM\",\"events\":[")
          .append(one)
          .append("]}");
    }
    return "{\"schema_version\":\"1.7.0\",\"id\":\"%s\",\"modified\":\"%s\",%s\"affected\":[{\"package\":{\"ecosystem\":\"%s\",\"name\":\"%s\"},\"ranges\":[%s]}]}"
        .formatted(id, modified, more, ecosystem, name, ranges);
  }

  static AdvisorySet advisories(Path folder, String... records) {
    try {
      Path here = Files.createTempDirectory(folder, "advisories");
      for (int i = 0; i < records.length; i++) {
        Files.writeString(here.resolve("record-" + i + ".json"), records[i]);
      }
      return AdvisorySet.load(here);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
