package dev.bulla.signing.authority;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.oci.Repository;
import dev.bulla.signing.authority.Judges.Judgement;
import dev.bulla.signing.cosign.CosignEvidence;
import dev.bulla.signing.cosign.CosignReader;
import dev.bulla.signing.cosign.LegacyLayer;
import dev.bulla.signing.notation.AttachedStatement;
import dev.bulla.signing.notation.EnvelopeFormat;
import dev.bulla.signing.notation.NotationEvidence;
import dev.bulla.signing.trust.BlobSubject;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Judges an image or a file by a Bulla trust policy, over the signatures of both families.
 *
 * <p>The listing of referrers, each manifest and each envelope is read once, whatever the number of
 * authorities, and at most as many pieces as the conditions allow. Notation signatures and the
 * bundles whose listing promises a demanded type come first; the other bundles, and the tags of
 * cosign 1 and 2, are read only if a demand is still open, or if everything is wanted. Nothing that
 * is found can take away what something else has satisfied, so that more evidence never makes the
 * answer worse, but for the limit.
 *
 * <p>Who gives it a memory asks often, and wants the answer: Notation signatures are then read
 * until every demand is met, and pieces that were judged before are not read again.
 *
 * <p>Thread-safe; keeps nothing else.
 */
public final class AuthorityVerifier {
  private final InstantSource clock;
  private final Optional<EvidenceMemory.Part> memory;

  public AuthorityVerifier(InstantSource clock) {
    this(clock, Optional.empty());
  }

  /**
   * @param memory of what was made of evidence by the same policy, with all that it names
   */
  public AuthorityVerifier(InstantSource clock, Optional<EvidenceMemory.Part> memory) {
    this.clock = clock;
    this.memory = memory;
  }

  /**
   * Whether {@code subject} is signed and attested as the policy demands of images of this name.
   *
   * @param image by which the scope is chosen
   * @return with the decision: scope, and who has satisfied each demand by which signature
   * @throws BullaException only if the repository cannot be reached or denies access
   */
  public Verification verify(
      Repository repository,
      Descriptor subject,
      AuthorityPolicy policy,
      ImageName image,
      Conditions conditions) {
    Explained.Asked asked = new Explained.Asked("image", image.toString());
    Optional<AuthorityPolicy.Applied> applied = policy.forImage(image);
    if (applied.isEmpty()) {
      return Explained.noScope(policy, subject, asked);
    }
    Instant now = conditions.at().orElseGet(clock::instant);
    Hearing hearing = new Hearing(policy, applied.get(), asked, conditions, now);
    boolean more = new Search(repository, subject, hearing, conditions, memory).run();
    return hearing.answer(subject, more);
  }

  /**
   * Whether a file is signed and attested as the policy demands, by what was given with it. All of
   * that is read.
   *
   * @param name as what the file is judged, by which the scope is chosen
   */
  public Verification verify(
      BlobSubject file,
      List<BlobEvidence> given,
      AuthorityPolicy policy,
      Optional<BlobName> name,
      Conditions conditions) {
    Descriptor subject = file.descriptor();
    Explained.Asked asked =
        new Explained.Asked("file", name.map(BlobName::text).orElse(subject.digest().toString()));
    Optional<AuthorityPolicy.Applied> applied = policy.forBlob(name);
    if (applied.isEmpty()) {
      return Explained.noScope(policy, subject, asked);
    }
    Instant now = conditions.at().orElseGet(clock::instant);
    Hearing hearing = new Hearing(policy, applied.get(), asked, conditions, now);
    given.stream()
        .limit(conditions.maxSignatures())
        .forEach(one ->
            hearing
                .gathered()
                .add(
                    switch (one) {
                      case BlobEvidence.SigstoreBundle(byte[] bytes) ->
                          hearing.judges().judge(CosignEvidence.ofBlob(bytes, file));
                      case BlobEvidence.NotationSignature(byte[] bytes, EnvelopeFormat format) ->
                          hearing.judges().judge(NotationEvidence.ofBlob(bytes, format, file));
                    }));
    return hearing.answer(subject, given.size() > conditions.maxSignatures());
  }

  /** One look through a repository. */
  private static final class Search {
    private final Repository repository;
    private final Descriptor subject;
    private final ScopeRule rule;
    private final Judges judges;
    private final Gathered gathered;
    private final Conditions conditions;
    private final Optional<EvidenceMemory.Part> memory;

    Search(
        Repository repository,
        Descriptor subject,
        Hearing hearing,
        Conditions conditions,
        Optional<EvidenceMemory.Part> memory) {
      this.repository = repository;
      this.subject = subject;
      this.rule = hearing.rule();
      this.judges = hearing.judges();
      this.gathered = hearing.gathered();
      this.conditions = conditions;
      this.memory = conditions.annotations().isEmpty() ? memory : Optional.empty();
    }

    /** True if there is more than the limit. */
    boolean run() {
      if (rule.requirements().isEmpty()) {
        return false;
      }
      List<Descriptor> referrers = repository.referrers(subject.digest(), Optional.empty());
      return notation(referrers) || cosign(referrers) || attached(referrers);
    }

    private boolean full() {
      return gathered.records().size() >= conditions.maxSignatures();
    }

    private boolean open(boolean ofSignatures) {
      return conditions.everything() || !gathered.met(ofSignatures);
    }

    private boolean notation(List<Descriptor> referrers) {
      if (!judges.readNotation()) {
        return false;
      }
      for (Descriptor referrer : referrers) {
        if (referrer.artifactType().equals(Optional.of(MediaTypes.NOTATION_SIGNATURE))) {
          if (memory.isPresent() && !open(true) && !open(false)) {
            return false;
          }
          if (full()) {
            return true;
          }
          notation(referrer);
        }
      }
      return false;
    }

    private void notation(Descriptor referrer) {
      Optional<List<Judgement>> known = known(referrer.digest(), 0);
      List<Judgement> judged =
          known.orElseGet(() -> judges.judge(NotationEvidence.read(repository, referrer, subject)));
      if (known.isEmpty() && EvidenceMemory.isRefusedForGood(judged)) {
        keep(referrer.digest(), 0, judged);
      }
      gathered.add(judged);
    }

    private Optional<List<Judgement>> known(Digest evidence, int part) {
      return memory.flatMap(one -> one.find(scope(), subject.digest(), evidence, part));
    }

    private void keep(Digest evidence, int part, List<Judgement> judged) {
      memory.ifPresent(one -> one.keep(scope(), subject.digest(), evidence, part, judged));
    }

    /** A signature of Notation is about the media type, too. */
    private String scope() {
      return rule.name() + "\n" + subject.mediaType();
    }

    /** What is made of a piece in one of Cosign's formats. */
    private List<Judgement> judged(CosignEvidence piece, int part) {
      List<Judgement> judged = judges.judge(piece);
      if (EvidenceMemory.isFinal(judged)) {
        keep(piece.manifest(), part, judged);
      }
      return judged;
    }

    /** What is attached to the image and itself signed in Notation's format. */
    private boolean attached(List<Descriptor> referrers) {
      if (!judges.readNotation() || !attests() || !open(false)) {
        return false;
      }
      int looked = 0;
      for (Descriptor referrer : referrers) {
        if (AttachedStatement.mayBe(referrer, this::wanted)) {
          if (looked++ == conditions.maxSignatures() || signatures(referrer)) {
            return true;
          }
        }
      }
      return false;
    }

    private boolean signatures(Descriptor artifact) {
      AttachedStatement attached = new AttachedStatement(repository, artifact, subject);
      for (Descriptor one :
          repository.referrers(artifact.digest(), Optional.of(MediaTypes.NOTATION_SIGNATURE))) {
        if (full()) {
          return true;
        }
        gathered.add(judges.judge(NotationEvidence.read(repository, one, attached)));
      }
      return false;
    }

    private boolean wanted(String type) {
      return conditions.everything() || demanded(type);
    }

    private boolean cosign(List<Descriptor> referrers) {
      if (!judges.readCosign()) {
        return false;
      }
      CosignReader reader = new CosignReader(repository, subject);
      Map<Boolean, List<Descriptor>> bundles =
          referrers.stream()
              .filter(CosignReader::mayBeBundle)
              .collect(
                  Collectors.partitioningBy(one -> CosignReader.mayBeOfType(one, this::demanded)));
      return bundles(reader, bundles.getOrDefault(true, List.of()))
          || (open(true) || open(false)) && bundles(reader, bundles.getOrDefault(false, List.of()))
          || open(true) && legacy(reader.legacySignatures(referrers))
          || open(false) && attests() && legacy(reader.legacyAttestations());
    }

    private boolean demanded(String type) {
      return rule.requirements().stream()
          .anyMatch(one -> one.predicateType().orElse(PredicateTypes.COSIGN_SIGN_V1).equals(type));
    }

    private boolean attests() {
      return conditions.everything()
          || rule.requirements().stream().anyMatch(one -> one.predicateType().isPresent());
    }

    private boolean bundles(CosignReader reader, List<Descriptor> referrers) {
      for (Descriptor referrer : referrers) {
        Optional<List<Judgement>> known = known(referrer.digest(), 0);
        if (known.isPresent() && !full()) {
          gathered.add(known.get());
          continue;
        }
        Optional<CosignEvidence> bundle = reader.bundle(referrer);
        if (bundle.isPresent() && full()) {
          return true;
        }
        bundle.ifPresent(one -> gathered.add(judged(one, 0)));
      }
      return false;
    }

    private boolean legacy(List<LegacyLayer> layers) {
      for (LegacyLayer layer : layers) {
        if (full()) {
          return true;
        }
        gathered.add(
            known(layer.manifest(), layer.number())
                .orElseGet(() -> judged(layer.get(), layer.number())));
      }
      return false;
    }
  }
}
