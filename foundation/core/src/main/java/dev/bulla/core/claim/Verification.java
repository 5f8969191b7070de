package dev.bulla.core.claim;

import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.verdict.Verdict;
import java.util.List;
import java.util.Optional;

/**
 * The answer of a verifier about one subject: every signature found, in the order of discovery.
 *
 * @param accepted whether the trust policy is satisfied, and every policy that was asked besides
 * @param failure why it is not: empty exactly when accepted
 * @param note something a person should know, such as that a policy skips verification; may be
 *     empty
 * @param decision how a trust policy over authorities decided; empty for other kinds of trust
 * @param verdict what policies said of the believed facts; empty if none was asked
 */
public record Verification(
    Descriptor subject,
    boolean accepted,
    Optional<Failure> failure,
    List<SignatureRecord> signatures,
    String note,
    Optional<TrustDecision> decision,
    Optional<Verdict> verdict) {

  /**
   * Why a subject was not accepted.
   *
   * @param nextStep what to do, or the empty string
   */
  public record Failure(ErrorCode code, String reason, String nextStep) {}

  public Verification {
    signatures = List.copyOf(signatures);
    if (accepted == failure.isPresent()) {
      throw new IllegalArgumentException(
          "a verification has a failure exactly when it is not accepted");
    }
  }

  /** An answer without a decision over authorities, and without a verdict. */
  public Verification(
      Descriptor subject,
      boolean accepted,
      Optional<Failure> failure,
      List<SignatureRecord> signatures,
      String note) {
    this(subject, accepted, failure, signatures, note, Optional.empty(), Optional.empty());
  }

  /** The signatures that passed every enforced check. */
  public List<SignatureRecord> verified() {
    return signatures.stream().filter(SignatureRecord::verified).toList();
  }

  /** This answer with one more remark, which changes nothing of it. */
  public Verification withRemark(String remark) {
    String both = note.isEmpty() ? remark : note + "; " + remark;
    return new Verification(subject, accepted, failure, signatures, both, decision, verdict);
  }

  public Verification withDecision(TrustDecision taken) {
    return new Verification(
        subject, accepted, failure, signatures, note, Optional.of(taken), verdict);
  }

  /**
   * This answer with a verdict over the facts that were believed; refused if that refuses.
   *
   * @param why for the case that the verdict refuses what the trust has accepted
   */
  public Verification withVerdict(Verdict said, Failure why) {
    boolean both = accepted && said.allowed();
    Optional<Failure> first = both ? Optional.empty() : failure.or(() -> Optional.of(why));
    return new Verification(subject, both, first, signatures, note, decision, Optional.of(said));
  }
}
