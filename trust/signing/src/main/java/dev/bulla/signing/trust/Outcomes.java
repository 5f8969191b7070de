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
    Optional<Closest> closest = closest(records);
    if (closest.isEmpty()) {
      return refused(
          subject,
          ErrorCode.SIGNATURE_MISSING,
          subject.digest() + ": has not " + wanted,
          "Sign it, or check that this is the digest that was signed.",
          records);
    }
    return refused(
        subject,
        closest.get().failed().code().orElseThrow(),
        "%s: %s%s"
            .formatted(
                subject.digest(),
                closest.get().reason(),
                records.size() > 1 ? " (closest of %d signatures)".formatted(records.size()) : ""),
        "",
        records);
  }

  /**
   * A signature that is not verified, and why.
   *
   * @param failed its first failed check
   */
  public record Closest(SignatureRecord record, Check failed) {
    /** In words, without the subject. */
    public String reason() {
      String expected = failed.expected().isEmpty() ? "" : ", expected " + failed.expected();
      return "the %s signature %s failed %s: %s%s"
          .formatted(record.format(), record.evidence(), failed.name(), failed.found(), expected);
    }
  }

  /** The signature that came furthest of those that are not verified. */
  public static Optional<Closest> closest(List<SignatureRecord> records) {
    return records.stream()
        .filter(record -> !record.verified())
        .max(Comparator.comparingLong(Outcomes::passedChecks))
        .map(record -> new Closest(record, firstFailed(record)));
  }

  private static Check firstFailed(SignatureRecord record) {
    return record.checks().stream()
        .filter(check -> check.outcome() == Check.Outcome.FAILED)
        .findFirst()
        .orElseThrow(() ->
            new IllegalStateException("a signature that is not verified has no failed check"));
  }

  /** How many checks a signature came through before one failed. */
  public static long passedChecks(SignatureRecord record) {
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
