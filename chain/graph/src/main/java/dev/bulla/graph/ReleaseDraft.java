package dev.bulla.graph;

import dev.bulla.advisory.ScanReport;
import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.Platform;
import dev.bulla.core.Reference;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import dev.bulla.core.verdict.Verdict;
import dev.bulla.inventory.CycloneDxReader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A release record in the making: takes verified statements and reads the facts out of them.
 *
 * <p>Read are CycloneDX documents, Bulla's vulnerability statements and SLSA provenance v1; of all
 * other statements the document is kept and nothing more. A statement that is about another image,
 * or that cannot be read, is kept without facts and named in {@link #warnings}: one bad attachment
 * must not hide the others. Not thread-safe.
 */
public final class ReleaseDraft {
  private final Reference reference;
  private final Digest image;
  private final Instant at;
  private final List<EvidenceDocument> documents = new ArrayList<>();
  private final List<ReleaseRecord.Contents> contents = new ArrayList<>();
  private final List<ReleaseRecord.Scan> scans = new ArrayList<>();
  private final List<ReleaseRecord.Build> builds = new ArrayList<>();
  private final List<Verdict> verdicts = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private Optional<Instant> created = Optional.empty();
  private Optional<Platform> platform = Optional.empty();

  /**
   * @param at when the documents were verified and recorded
   */
  public ReleaseDraft(Reference reference, Digest image, Instant at) {
    this.reference = reference;
    this.image = image;
    this.at = at;
  }

  /** When the image says it was made. */
  public ReleaseDraft created(Instant value) {
    created = Optional.of(value);
    return this;
  }

  public ReleaseDraft platform(Platform value) {
    platform = Optional.of(value);
    return this;
  }

  /**
   * Adds what a verifier found.
   *
   * @param document the sealed bytes: the bundle or envelope that carries the statement
   */
  public ReleaseDraft add(SignatureRecord signature, Descriptor document) {
    String kind = signature.statement().map(Statement::predicateType).orElse("signature");
    EvidenceDocument evidence =
        EvidenceDocument.signed(
            signature, document.digest(), document.mediaType(), kind, document.size(), at);
    return add(evidence, signature.statement());
  }

  /** Adds a document and the facts of the statement in it. */
  public ReleaseDraft add(EvidenceDocument document, Optional<Statement> statement) {
    documents.add(document);
    if (statement.isPresent()) {
      try {
        facts(document.digest(), statement.get());
      } catch (BullaException e) {
        warnings.add(
            "document %s (%s) gives no facts: %s"
                .formatted(document.digest().shortHex(), document.kind(), e.reason()));
      }
    }
    return this;
  }

  public ReleaseDraft add(Verdict verdict) {
    verdicts.add(verdict);
    return this;
  }

  /** What could not be used, in the order in which it was added. */
  public List<String> warnings() {
    return List.copyOf(warnings);
  }

  /** The record; FAILED if the image was refused and not published under this name. */
  public ReleaseRecord build(ReleaseRecord.Decision decision) {
    return new ReleaseRecord(
        reference, image, created, platform, decision, at, documents, contents, scans, builds,
        verdicts);
  }

  private void facts(Digest document, Statement statement) {
    if (!statement.isAbout(image)) {
      warnings.add(
          "document %s gives no facts: its statement is not about %s"
              .formatted(document.shortHex(), image));
      return;
    }
    switch (statement.predicateType()) {
      case PredicateTypes.CYCLONEDX ->
          contents.add(
              new ReleaseRecord.Contents(
                  document, CycloneDxReader.read(Json.write(statement.predicate()))));
      case PredicateTypes.VULNERABILITIES_V02 ->
          scans.add(new ReleaseRecord.Scan(document, ScanReport.fromStatement(statement)));
      case PredicateTypes.SLSA_PROVENANCE_V1 ->
          builds.add(SlsaProvenance.read(document, statement.predicate()));
      default -> {
        // kept as evidence; what it says is not indexed
      }
    }
  }
}
