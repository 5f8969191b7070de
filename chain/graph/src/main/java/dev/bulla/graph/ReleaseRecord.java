package dev.bulla.graph;

import dev.bulla.advisory.ScanReport;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Platform;
import dev.bulla.core.Reference;
import dev.bulla.core.verdict.Verdict;
import dev.bulla.inventory.Inventory;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that is known about one image under one name, recorded in one transaction.
 *
 * <p>Facts name the document that states them; how far a fact is believed is how far that document
 * is.
 *
 * @param reference the name, with its tag; a digest in it is ignored in favour of {@code image}
 * @param created when the image says it was made
 * @param decision FAILED keeps the evidence and the refusal of an image that was never published
 * @param at when it was recorded
 */
public record ReleaseRecord(
    Reference reference,
    Digest image,
    Optional<Instant> created,
    Optional<Platform> platform,
    Decision decision,
    Instant at,
    List<EvidenceDocument> documents,
    List<Contents> contents,
    List<Scan> scans,
    List<Build> builds,
    List<Verdict> verdicts) {

  /** The outcome for the image as a whole. */
  public enum Decision {
    PASSED,
    FAILED
  }

  /** What an SBOM says the image holds. */
  public record Contents(Digest document, Inventory inventory) {}

  /** What a scan found. */
  public record Scan(Digest document, ScanReport report) {}

  /**
   * How the image was made (SLSA provenance v1).
   *
   * @param invocation the builder's own name of the run, or empty
   */
  public record Build(
      Digest document,
      String builder,
      String buildType,
      String invocation,
      Optional<Instant> started,
      Optional<Instant> finished,
      List<Material> materials) {
    public Build {
      materials = List.copyOf(materials);
    }
  }

  /** Something that went into a build. */
  public record Material(String uri, Optional<Digest> digest) {}

  public ReleaseRecord {
    documents = List.copyOf(documents);
    contents = List.copyOf(contents);
    scans = List.copyOf(scans);
    builds = List.copyOf(builds);
    verdicts = List.copyOf(verdicts);
    Set<Digest> known = new HashSet<>();
    documents.forEach(document -> known.add(document.digest()));
    contents.forEach(fact -> demand(known, fact.document(), "contents"));
    scans.forEach(fact -> demand(known, fact.document(), "scan"));
    builds.forEach(fact -> demand(known, fact.document(), "provenance"));
  }

  private static void demand(Set<Digest> known, Digest document, String fact) {
    if (!known.contains(document)) {
      throw new BullaException(
          ErrorCode.STATEMENT_MISSING,
          "recording a release: the %s come from document %s, which is not among its documents"
              .formatted(fact, document));
    }
  }
}
