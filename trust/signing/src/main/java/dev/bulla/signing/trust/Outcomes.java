package dev.bulla.signing.trust;

import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.Check;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.Verification;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** From the records of all signatures of a subject to one answer. */
public final class Outcomes {
  private Outcomes() {}

  /** Accepted, with a word for people or the empty string. */
  public static Verification accepted(
      Descriptor subject, List<SignatureRecord> records, String note) {
    return new Verification(subject, true, Optional.empty(), records, note);
  }

  public static Verification refused(
      Descriptor subject,
      ErrorCode code,
      String reason,
      String nextStep,
      List<SignatureRecord> records) {
    return new Verification(
        subject, false, Optional.of(new Verification.Failure(code, reason, nextStep)), records, "");
  }

  /**
   * Accepted if one signature is verified; otherwise the reason of the signature that came
   * furthest, which is the one that somebody most likely meant.
   *
   * @param wanted what was looked for: {@code a Notation signature}
   * @param more whether further signatures were left unread because of a limit
   */
  public static Verification anyOf(
      Descriptor subject, List<SignatureRecord> records, String wanted, boolean more) {
    if (records.stream().anyMatch(SignatureRecord::verified)) {
      return accepted(subject, records, "");
    }
    if (more) {
      return refused(
          subject,
          ErrorCode.SIGNATURE_TOO_MANY,
          "%s: none of the first %d signatures is accepted and there are more"
              .formatted(subject.digest(), records.size()),
          "Raise the limit of signatures, or remove those that are not needed.",
          records);
    }
    Optional<SignatureRecord> closest =
        records.stream().max(Comparator.comparingLong(Outcomes::passedChecks));
    if (closest.isEmpty()) {
      return refused(
          subject,
          ErrorCode.SIGNATURE_MISSING,
          subject.digest() + ": has not " + wanted,
          "Sign it, or check that this is the digest that was signed.",
          records);
    }
    Check failed =
        closest.get().checks().stream()
            .filter(check -> check.outcome() == Check.Outcome.FAILED)
            .findFirst()
            .orElseThrow(() ->
                new IllegalStateException("a signature that is not verified has no failed check"));
    return refused(
        subject,
        failed.code().orElseThrow(),
        reason(subject, closest.get(), failed, records),
        "",
        records);
  }

  private static String reason(
      Descriptor subject, SignatureRecord record, Check failed, List<SignatureRecord> records) {
    String expected = failed.expected().isEmpty() ? "" : ", expected " + failed.expected();
    String others =
        records.size() > 1 ? " (closest of %d signatures)".formatted(records.size()) : "";
    return "%s: the %s signature %s failed %s: %s%s%s"
        .formatted(
            subject.digest(),
            record.format(),
            record.evidence(),
            failed.name(),
            failed.found(),
            expected,
            others);
  }

  private static long passedChecks(SignatureRecord record) {
    int first = 0;
    for (Check check : record.checks()) {
      if (check.outcome() == Check.Outcome.FAILED) {
        return first;
      }
      first++;
    }
    return first;
  }
}
