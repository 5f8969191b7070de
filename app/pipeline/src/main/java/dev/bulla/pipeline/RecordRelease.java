package dev.bulla.pipeline;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.Reference;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import dev.bulla.core.verdict.Verdict;
import dev.bulla.graph.EvidenceDocument;
import dev.bulla.graph.Graph;
import dev.bulla.graph.ReleaseDraft;
import dev.bulla.graph.ReleaseRecord;
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
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Reads what lies beside an image in a registry, verifies it by the home's own trust, and records
 * in the graph what the verified documents say. Nothing is taken from whoever asked but the name
 * and the digest.
 */
public final class RecordRelease {
  private static final System.Logger LOG = System.getLogger(RecordRelease.class.getName());

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
      CosignTrust key = identity.cosignTrust();
      List<SignatureRecord> statements = new VerifyStatements().all(repository, subject, key);
      demandVerdict(statements, reference, image, published);
      ReleaseDraft draft = new ReleaseDraft(reference, image, clock.instant());
      statements.forEach(record -> add(draft, repository, record, kind(record)));
      verdicts(statements, image).forEach(draft::add);
      NotationTrust policy = identity.notationTrust(repository.name());
      new VerifyImage(clock)
          .verify(repository, subject, new Trust.ByPolicy(policy))
          .signatures()
          .forEach(record -> add(draft, repository, record, "signature"));
      if (published) {
        ImageConfig config = config(repository, subject);
        config.created().ifPresent(draft::created);
        config.platform().ifPresent(draft::platform);
      }
      graph.record(
          draft.build(published ? ReleaseRecord.Decision.PASSED : ReleaseRecord.Decision.FAILED));
      draft.warnings().forEach(warning -> LOG.log(System.Logger.Level.WARNING, warning));
    }
  }

  private static void demandVerdict(
      List<SignatureRecord> statements, Reference reference, Digest image, boolean published) {
    Optional<LatestVerdict> latest = LatestVerdict.of(statements, image);
    if (verdicts(statements, image).isEmpty()) {
      throw new BullaException(
          ErrorCode.STATEMENT_MISSING,
          "no verified verdict of Bulla lies beside " + reference.name() + "@" + image,
          "Ship the image with 'bulla ship', or check that the evidence was copied with it.");
    }
    if (published && !latest.map(LatestVerdict::passed).orElse(false)) {
      throw new BullaException(
          ErrorCode.POLICY_REFUSED,
          "the newest verified verdict about %s@%s does not say PASSED"
              .formatted(reference.name(), image),
          "Ship the image again; 'bulla ask refusals' says what it was refused for.");
    }
  }

  private static List<Verdict> verdicts(List<SignatureRecord> statements, Digest image) {
    return statements.stream()
        .filter(record -> LatestVerdict.isVerdict(record, image))
        .flatMap(record -> record.statement().stream())
        .flatMap(statement -> VerificationSummary.parse(statement).verdict().stream())
        .toList();
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
   * stored. What carries none was not verified and is nothing to keep.
   */
  private void add(ReleaseDraft draft, Repository repository, SignatureRecord record, String kind) {
    repository
        .resolve(record.evidence().toString())
        .map(repository::manifest)
        .flatMap(manifest -> manifest.layers().stream().findFirst())
        .ifPresent(carried ->
            draft.add(
                EvidenceDocument.signed(
                    record,
                    carried.digest(),
                    carried.mediaType(),
                    kind,
                    carried.size(),
                    clock.instant()),
                record.statement()));
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
