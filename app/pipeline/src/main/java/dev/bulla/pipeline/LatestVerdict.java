package dev.bulla.pipeline;

import dev.bulla.core.Digest;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import dev.bulla.core.verdict.Verdict;
import dev.bulla.policy.VerificationSummary;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The verdict that counts among those that lie beside an image: the newest one that is verified and
 * about this image. An image that was refused yesterday and passes today is allowed, and the other
 * way round; of two of the same moment the refusal counts.
 *
 * @param evidence the manifest that carries it
 */
record LatestVerdict(Digest evidence, VerificationSummary summary) {
  private static final Comparator<LatestVerdict> AGE =
      Comparator.comparing(LatestVerdict::time)
          .thenComparing(one -> !one.passed())
          .thenComparing(LatestVerdict::evidence);

  /** Among all records beside {@code image}, verified or not. */
  static Optional<LatestVerdict> of(List<SignatureRecord> records, Digest image) {
    return records.stream()
        .filter(record -> isVerdict(record, image))
        .map(record ->
            new LatestVerdict(
                record.evidence(), VerificationSummary.parse(record.statement().orElseThrow())))
        .max(AGE);
  }

  /**
   * Whether a record is a verified verdict about {@code image}; one about another image proves
   * nothing here.
   */
  static boolean isVerdict(SignatureRecord record, Digest image) {
    return record.verified()
        && record
            .statement()
            .filter(LatestVerdict::isSummary)
            .filter(one -> one.isAbout(image))
            .isPresent();
  }

  boolean passed() {
    return summary.passed();
  }

  /** When it was decided: the summary itself gives whole seconds only. */
  private Instant time() {
    return summary.verdict().map(Verdict::time).orElse(summary.timeVerified());
  }

  private static boolean isSummary(Statement statement) {
    return statement.predicateType().equals(PredicateTypes.VERIFICATION_SUMMARY_V1);
  }
}
