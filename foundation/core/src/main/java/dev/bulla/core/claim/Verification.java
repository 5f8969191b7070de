package dev.bulla.core.claim;

import dev.bulla.core.Descriptor;
import java.util.List;
import java.util.Optional;

/**
 * The answer of a verifier about one subject: every signature found, in the order of discovery.
 *
 * @param accepted whether the trust policy is satisfied
 * @param failure why it is not: empty exactly when accepted
 * @param note something a person should know, such as that a policy skips verification; may be
 *     empty
 */
public record Verification(
    Descriptor subject,
    boolean accepted,
    Optional<Failure> failure,
    List<SignatureRecord> signatures,
    String note) {

  /**
   * Why a subject was not accepted.
   *
   * @param nextStep what to do, or the empty string
   */
  public record Failure(dev.bulla.core.ErrorCode code, String reason, String nextStep) {}

  public Verification {
    signatures = List.copyOf(signatures);
    if (accepted == failure.isPresent()) {
      throw new IllegalArgumentException(
          "a verification has a failure exactly when it is not accepted");
    }
  }

  /** The signatures that passed every enforced check. */
  public List<SignatureRecord> verified() {
    return signatures.stream().filter(SignatureRecord::verified).toList();
  }
}
