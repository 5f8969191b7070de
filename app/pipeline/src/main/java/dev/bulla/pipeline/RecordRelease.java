package dev.bulla.pipeline;

import dev.bulla.advisory.ScanReport;
import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Reference;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import dev.bulla.core.verdict.Verdict;
import dev.bulla.graph.EvidenceDocument;
import dev.bulla.graph.Graph;
import dev.bulla.graph.ReleaseRecord;
import dev.bulla.inventory.CycloneDxReader;
import dev.bulla.oci.ImageConfig;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import dev.bulla.policy.VerificationSummary;
import dev.bulla.signing.Trust;
import dev.bulla.signing.VerifyImage;
import dev.bulla.signing.VerifyStatements;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.notation.NotationTrust;
import dev.bulla.signing.trust.TrustStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads what lies beside an image in a registry, verifies it by the home's own trust, and records
 * in the graph what the verified documents say. Nothing is taken from whoever asked but the name
 * and the digest.
 */
public final class RecordRelease {
  private final HomeIdentity identity;
  private final RegistryClient registries;
  private final Graph graph;
  private final InstantSource clock;

  public RecordRelease(
      HomeIdentity identity, RegistryClient registries, Graph graph, InstantSource clock) {
    this.identity = identity;
    this.registries = registries;
    this.graph = graph;
    this.clock = clock;
  }

  /**
   * @param published whether the image itself is expected to be there; a refused one is not
   * @throws BullaException {@code POLICY_REFUSED} if the image is said to be published and the
   *     newest verified verdict does not say PASSED; {@code STATEMENT_MISSING} if there is no
   *     verified verdict at all; or if the registry cannot be reached
   */
  public void record(Reference reference, Digest image, boolean published) {
    try (Repository repository = registries.repository(reference.name())) {
      Descriptor subject = subject(repository, reference, image, published);
      Collected collected = collect(repository, subject);
      List<Verdict> verdicts = collected.verdicts;
      if (verdicts.isEmpty()) {
        throw new BullaException(
            ErrorCode.STATEMENT_MISSING,
            "no verified verdict of Bulla lies beside " + reference.name() + "@" + image,
            "Ship the image with 'bulla ship', or check that the evidence was copied with it.");
      }
      if (published && !collected.passed) {
        throw new BullaException(
            ErrorCode.POLICY_REFUSED,
            "the newest verified verdict about %s@%s does not say PASSED"
                .formatted(reference.name(), image),
            "Ship the image again; 'bulla ask refusals' says what it was refused for.");
      }
      Optional<ImageConfig> config =
          published ? Optional.of(config(repository, subject)) : Optional.empty();
      graph.record(
          new ReleaseRecord(
              reference,
              image,
              config.flatMap(ImageConfig::created),
              config.map(ImageConfig::platform),
              published ? ReleaseRecord.Decision.PASSED : ReleaseRecord.Decision.FAILED,
              clock.instant(),
              collected.documents,
              collected.contents,
              collected.scans,
              collected.builds,
              verdicts));
    }
  }

  /** What the documents of one image say. */
  private static final class Collected {
    final List<EvidenceDocument> documents = new ArrayList<>();
    final List<ReleaseRecord.Contents> contents = new ArrayList<>();
    final List<ReleaseRecord.Scan> scans = new ArrayList<>();
    final List<ReleaseRecord.Build> builds = new ArrayList<>();
    final List<Verdict> verdicts = new ArrayList<>();
    boolean passed;
  }

  private Collected collect(Repository repository, Descriptor subject) {
    CosignTrust key =
        new CosignTrust(identity.identity().signer().verifier(), HomeIdentity.AUTHORITY);
    Collected collected = new Collected();
    List<SignatureRecord> records = new VerifyStatements().all(repository, subject, key);
    for (SignatureRecord record : records) {
      Digest document = add(collected, repository, record, kind(record));
      record.statement().ifPresent(statement -> read(collected, document, statement));
      if (LatestVerdict.isVerdict(record, subject.digest())) {
        record
            .statement()
            .map(VerificationSummary::parse)
            .flatMap(VerificationSummary::verdict)
            .ifPresent(collected.verdicts::add);
      }
    }
    collected.passed =
        LatestVerdict.of(records, subject.digest()).map(LatestVerdict::passed).orElse(false);
    NotationTrust policy =
        new NotationTrust(
            TrustFiles.policy(identity.trustPolicy()),
            TrustStore.directory(identity.trustStore()),
            repository.name());
    new VerifyImage(clock)
        .verify(repository, subject, new Trust.ByPolicy(policy))
        .signatures()
        .forEach(record -> add(collected, repository, record, "signature"));
    return collected;
  }

  private static String kind(SignatureRecord record) {
    return record
        .statement()
        .map(Statement::predicateType)
        .map(type -> type.equals(PredicateTypes.COSIGN_SIGN_V1) ? "signature" : type)
        .orElse("unverified statement");
  }

  /**
   * Adds the document that a signature's manifest carries; its digest is that of the bytes as
   * stored.
   */
  private Digest add(
      Collected collected, Repository repository, SignatureRecord record, String kind) {
    Descriptor carried =
        repository
            .resolve(record.evidence().toString())
            .map(repository::manifest)
            .flatMap(manifest -> manifest.layers().stream().findFirst())
            .orElseThrow(() ->
                new BullaException(
                    ErrorCode.STATEMENT_MISSING,
                    "evidence " + record.evidence() + " carries no document"));
    collected.documents.add(
        EvidenceDocument.signed(
            record, carried.digest(), carried.mediaType(), kind, carried.size(), clock.instant()));
    return carried.digest();
  }

  private static void read(Collected collected, Digest document, Statement statement) {
    switch (statement.predicateType()) {
      case PredicateTypes.CYCLONEDX ->
          collected.contents.add(
              new ReleaseRecord.Contents(
                  document, CycloneDxReader.read(Json.write(statement.predicate()))));
      case PredicateTypes.VULNERABILITIES_V02 ->
          collected.scans.add(
              new ReleaseRecord.Scan(document, ScanReport.fromStatement(statement)));
      case PredicateTypes.SLSA_PROVENANCE_V1 ->
          collected.builds.add(ProvenanceReader.read(document, statement));
      default -> {
        // verdicts are taken from verified records only; another kind of statement has no facts
        // that the graph keeps
      }
    }
  }

  private static Descriptor subject(
      Repository repository, Reference reference, Digest image, boolean published) {
    Optional<Descriptor> found = repository.resolve(image.toString());
    if (published && found.isEmpty()) {
      throw new BullaException(
          ErrorCode.MANIFEST_NOT_FOUND, "no image " + reference.name() + "@" + image);
    }
    return found.orElseGet(() -> new Descriptor(MediaTypes.OCI_MANIFEST, image, 0));
  }

  private static ImageConfig config(Repository repository, Descriptor image) {
    Manifest manifest = repository.manifest(image);
    return manifest
        .config()
        .map(config -> ImageConfig.parse(repository.blobBytes(config, ImageConfig.MAX_BYTES)))
        .orElseThrow(() ->
            new BullaException(
                ErrorCode.MANIFEST_INVALID, image.digest() + " has no configuration"));
  }
}
