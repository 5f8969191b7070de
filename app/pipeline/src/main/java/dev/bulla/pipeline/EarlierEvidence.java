package dev.bulla.pipeline;

import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.Reference;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import dev.bulla.oci.CopyImage;
import dev.bulla.oci.RegistryClient;
import dev.bulla.oci.Repository;
import dev.bulla.policy.VerificationSummary;
import dev.bulla.signing.SignImage.Sealed;
import dev.bulla.signing.SignImage.Signatures;
import dev.bulla.signing.Trust;
import dev.bulla.signing.VerifyImage;
import dev.bulla.signing.VerifyStatements;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.notation.NotationTrust;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What an earlier run left beside the same image, as far as it still verifies by the home's own
 * trust. Shipping an unchanged image again takes this over instead of sealing it once more, so that
 * evidence does not pile up.
 *
 * <p>A statement is the same if it says the same but for when it was said and which run said it:
 * the provenance of the first build of an image stands for every later build that reproduces it. A
 * scan and a verdict stand for a day; after that saying the same again is news, for policies may
 * ask for a recent one. A verdict that a newer one has overtaken is never taken over: what counts
 * is the newest, so the older one has to be said again.
 */
final class EarlierEvidence implements AutoCloseable {
  private static final Duration FRESH = Duration.ofDays(1);

  private final Repository repository;
  private final Descriptor image;
  private final NotationTrust policy;
  private final InstantSource clock;
  private final VerifyImage verifier;
  private final List<SignatureRecord> records;
  private final Optional<Digest> latestVerdict;

  private EarlierEvidence(
      Repository repository,
      Descriptor image,
      CosignTrust key,
      NotationTrust policy,
      InstantSource clock) {
    this.repository = repository;
    this.image = image;
    this.policy = policy;
    this.clock = clock;
    this.verifier = new VerifyImage(clock);
    this.records = new VerifyStatements().verified(repository, image, key);
    this.latestVerdict = LatestVerdict.of(records, image.digest()).map(LatestVerdict::evidence);
  }

  /**
   * Looks beside {@code image} in the repository {@code name}; an empty or absent repository has no
   * evidence.
   */
  static EarlierEvidence beside(
      RegistryClient registries,
      Reference name,
      Descriptor image,
      HomeIdentity identity,
      InstantSource clock) {
    CosignTrust key = identity.cosignTrust();
    NotationTrust policy = identity.notationTrust(name.name().toString());
    return new EarlierEvidence(registries.repository(name), image, key, policy, clock);
  }

  /**
   * Brings the sealed statement that says what {@code fresh} says into {@code layout}, if there is
   * one in both formats.
   */
  Optional<Sealed> takeOver(Statement fresh, Repository layout) {
    byte[] wanted = timeless(fresh);
    return records.stream()
        .filter(this::isNotOvertaken)
        .filter(record ->
            record
                .statement()
                .filter(this::isFresh)
                .map(one -> Arrays.equals(timeless(one), wanted))
                .orElse(false))
        .flatMap(record -> bring(record.evidence(), layout).stream())
        .findFirst();
  }

  /**
   * Brings the signatures of the image itself into {@code layout}, if it is signed in both formats.
   */
  Optional<Signatures> takeOverSignatures(Repository layout) {
    Optional<Descriptor> notation = notationSignature(image);
    Optional<Descriptor> cosign =
        records.stream()
            .filter(record ->
                record
                    .statement()
                    .filter(one -> one.predicateType().equals(PredicateTypes.COSIGN_SIGN_V1))
                    .isPresent())
            .map(SignatureRecord::evidence)
            .findFirst()
            .flatMap(this::descriptor);
    if (notation.isEmpty() || cosign.isEmpty()) {
      return Optional.empty();
    }
    CopyImage.between(repository, layout).copy(notation.get(), List.of());
    CopyImage.between(repository, layout).copy(cosign.get(), List.of());
    return Optional.of(new Signatures(notation.get(), cosign.get()));
  }

  private Optional<Sealed> bring(Digest evidence, Repository layout) {
    Optional<Descriptor> bundle = descriptor(evidence);
    Optional<Descriptor> notation = bundle.flatMap(this::notationSignature);
    if (bundle.isEmpty() || notation.isEmpty()) {
      return Optional.empty();
    }
    CopyImage.between(repository, layout).copy(bundle.get(), List.of());
    CopyImage.between(repository, layout).copy(notation.get(), List.of());
    return Optional.of(new Sealed(bundle.get(), notation.get()));
  }

  private Optional<Descriptor> notationSignature(Descriptor subject) {
    return verifier.verify(repository, subject, new Trust.ByPolicy(policy)).signatures().stream()
        .filter(SignatureRecord::verified)
        .map(SignatureRecord::evidence)
        .findFirst()
        .flatMap(this::descriptor);
  }

  private Optional<Descriptor> descriptor(Digest manifest) {
    return repository.resolve(manifest.toString()).map(Descriptor::bare);
  }

  private boolean isNotOvertaken(SignatureRecord record) {
    return !LatestVerdict.isVerdict(record, image.digest())
        || latestVerdict.equals(Optional.of(record.evidence()));
  }

  private boolean isFresh(Statement statement) {
    String said =
        switch (statement.predicateType()) {
          case PredicateTypes.VULNERABILITIES_V02 ->
              statement.predicate().path("metadata").path("scanFinishedOn").asString("");
          case PredicateTypes.VERIFICATION_SUMMARY_V1 ->
              statement.predicate().path("timeVerified").asString("");
          default -> "";
        };
    if (said.isEmpty()) {
      return true;
    }
    try {
      return Instant.parse(said).plus(FRESH).isAfter(clock.instant());
    } catch (DateTimeException e) {
      return false;
    }
  }

  /** The statement in canonical JSON, without the members that differ from run to run. */
  private static byte[] timeless(Statement statement) {
    JsonNode predicate = statement.predicate().deepCopy();
    switch (statement.predicateType()) {
      case PredicateTypes.SLSA_PROVENANCE_V1 -> remove(predicate.path("runDetails"), "metadata");
      case PredicateTypes.VULNERABILITIES_V02 -> remove(predicate, "metadata");
      case PredicateTypes.VERIFICATION_SUMMARY_V1 -> {
        remove(predicate, "timeVerified");
        remove(predicate.path(VerificationSummary.EXTENSION), "time");
        remove(predicate.path(VerificationSummary.EXTENSION), "facts");
      }
      default -> {
        // has no time of its own
      }
    }
    Statement bare = new Statement(statement.subjects(), statement.predicateType(), predicate);
    return Json.canonical(Json.parse(bare.toJson(), "statement"));
  }

  private static void remove(JsonNode from, String member) {
    if (from instanceof ObjectNode object) {
      object.remove(member);
    }
  }

  @Override
  public void close() {
    repository.close();
  }
}
