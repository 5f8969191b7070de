package dev.bulla.pipeline;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.verdict.RuleResult;
import dev.bulla.core.verdict.Verdict;
import dev.bulla.oci.ImageConfig;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.policy.EvaluatePolicy;
import dev.bulla.policy.Facts;
import dev.bulla.policy.FactsBuilder;
import dev.bulla.policy.Phase;
import dev.bulla.policy.PolicyBundle;
import dev.bulla.policy.SubjectFacts;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Judges an image or file that somebody wants to use: policy bundles over the facts of what a
 * verifier believed, in the phase {@code deploy}. Thread-safe; make one and share it.
 */
public final class DeployGate {
  private final EvaluatePolicy policies = new EvaluatePolicy();
  private final List<PolicyBundle> bundles;
  private final InstantSource clock;

  /**
   * @param files at least one bundle; each is read and compiled now
   * @param clock for the record of when it was decided
   * @throws BullaException as {@link PolicyBundle#load} and {@link EvaluatePolicy#check}
   */
  public DeployGate(List<Path> files, InstantSource clock) {
    this(clock, files.stream().map(PolicyBundle::load).toList());
  }

  private DeployGate(InstantSource clock, List<PolicyBundle> bundles) {
    this.bundles = bundles;
    this.clock = clock;
    bundles.forEach(policies::check);
  }

  /** By bundles that were read already; as the constructor otherwise. */
  public static DeployGate of(List<PolicyBundle> bundles, InstantSource clock) {
    return new DeployGate(clock, List.copyOf(bundles));
  }

  /**
   * The answer with the verdict, refused if either refuses.
   *
   * @param verified with a record of every statement that may become a fact
   * @param name under which the image was asked for
   * @param now as of which the facts are judged
   */
  public Verification judge(
      Repository repository, Verification verified, String name, Instant now) {
    return judge(verified, subject(repository, verified.subject(), name), now);
  }

  /** The same for a file, which has neither configuration nor labels. */
  public Verification judge(Verification verified, String name, Instant now) {
    Descriptor file = verified.subject();
    return judge(
        verified,
        new SubjectFacts(file.digest(), file.mediaType(), List.of(name), "", Map.of()),
        now);
  }

  private Verification judge(Verification verified, SubjectFacts subject, Instant now) {
    Facts facts =
        new FactsBuilder(Phase.DEPLOY, now).subject(subject).verification(verified).build();
    Verdict verdict = policies.evaluate(bundles, facts, clock.instant());
    List<RuleResult> blocking = verdict.blocking();
    String rules =
        blocking.stream()
            .map(rule -> "%s (%s)".formatted(rule.id(), rule.message()))
            .collect(Collectors.joining("; "));
    return verified.withVerdict(
        verdict,
        new Verification.Failure(
            ErrorCode.POLICY_REFUSED,
            "%s: the signatures are believed, and the policy %s refuses: %s"
                .formatted(verified.subject().digest(), verdict.policy(), rules),
            blocking.isEmpty() ? "" : blocking.getFirst().remediation()));
  }

  /** An index has no configuration of its own, nor has an artifact that is no image. */
  private static SubjectFacts subject(Repository repository, Descriptor image, String name) {
    Manifest manifest = repository.manifest(image);
    Optional<ImageConfig> config =
        manifest
            .config()
            .filter(one ->
                one.mediaType().equals(MediaTypes.OCI_CONFIG)
                    || one.mediaType().equals(MediaTypes.DOCKER_CONFIG))
            .map(one -> ImageConfig.parse(repository.blobBytes(one, ImageConfig.MAX_BYTES)));
    return new SubjectFacts(
        image.digest(),
        image.mediaType(),
        List.of(name),
        config.map(ImageConfig::user).orElse(""),
        config.map(ImageConfig::labels).orElse(Map.of()));
  }

  /** The verification with these records besides, each piece of evidence once. */
  public static Verification with(Verification verified, List<SignatureRecord> statements) {
    List<SignatureRecord> all = new ArrayList<>(verified.signatures());
    statements.stream()
        .filter(one ->
            all.stream()
                .noneMatch(known ->
                    known.evidence().equals(one.evidence())
                        && known.statement().equals(one.statement())))
        .forEach(all::add);
    return new Verification(
        verified.subject(),
        verified.accepted(),
        verified.failure(),
        all,
        verified.note(),
        verified.decision(),
        verified.verdict());
  }
}
