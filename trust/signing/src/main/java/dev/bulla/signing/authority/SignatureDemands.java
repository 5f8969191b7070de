package dev.bulla.signing.authority;

import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.claim.Check;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.SignedBy;
import dev.bulla.core.claim.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a scope and a caller demand of a signature that an authority has verifiably made: algorithm,
 * log, proof of time, age. Each check that is made is added to the record.
 */
final class SignatureDemands {
  /** How far a clock may be ahead of ours. */
  private static final Duration SKEW = Duration.ofMinutes(5);

  private final ScopeRule rule;
  private final Conditions conditions;
  private final Instant now;

  SignatureDemands(ScopeRule rule, Conditions conditions, Instant now) {
    this.rule = rule;
    this.conditions = conditions;
    this.now = now;
  }

  /** The record with the checks that are the same for every demand of the scope. */
  SignatureRecord on(SignatureRecord record) {
    SignatureRecord checked = record;
    if (!rule.algorithms().isEmpty() || rule.minimumRsaBits() > 0) {
      checked = checked.with(algorithm(record));
    }
    if (rule.requireLog() || conditions.requireLog()) {
      checked = checked.with(log(record));
    }
    if (rule.requireTimestamp() || conditions.requireTimestamp()) {
      checked = checked.with(time(record));
    }
    return conditions.at().isPresent() ? checked.with(by(record, conditions.at().get())) : checked;
  }

  private Check algorithm(SignatureRecord record) {
    Optional<SignedBy> by = record.signedBy();
    if (by.isEmpty()) {
      return Check.failed(
          "algorithm", ErrorCode.SIGNATURE_ALGORITHM, "a known algorithm", "an unknown one");
    }
    String algorithm = by.get().algorithmId();
    String found = "%s, %d bits".formatted(algorithm, by.get().keyBits());
    if (!rule.algorithms().isEmpty() && !rule.algorithms().contains(algorithm)) {
      return Check.failed(
          "algorithm",
          ErrorCode.SIGNATURE_ALGORITHM,
          "one of " + String.join(", ", rule.algorithms().stream().sorted().toList()),
          found);
    }
    if (algorithm.startsWith("rsa-") && by.get().keyBits() < rule.minimumRsaBits()) {
      return Check.failed(
          "algorithm",
          ErrorCode.SIGNATURE_ALGORITHM,
          "an RSA key of at least %d bits".formatted(rule.minimumRsaBits()),
          found);
    }
    return Check.passed("algorithm", found);
  }

  private static Check log(SignatureRecord record) {
    boolean logged =
        record.checks().stream()
            .anyMatch(
                check -> check.name().equals("log") && check.outcome() == Check.Outcome.PASSED);
    return logged
        ? Check.passed("required-log", "in a log that is believed")
        : Check.failed(
            "required-log",
            ErrorCode.LOG_ENTRY_MISSING,
            "an entry of a log that is believed",
            "none was verified");
  }

  private static Check time(SignatureRecord record) {
    return record.timeSource().isProof()
        ? Check.passed(
            "required-timestamp",
            "%s by %s".formatted(record.signedAt().orElseThrow(), word(record.timeSource())))
        : Check.failed(
            "required-timestamp",
            ErrorCode.TIMESTAMP_MISSING,
            "a proof of when it was signed",
            record.signedAt().map(at -> "only the signer's word: " + at).orElse("none"));
  }

  private static Check by(SignatureRecord record, Instant at) {
    if (record.signedAt().isEmpty()) {
      return Check.failed(
          "at", ErrorCode.TIMESTAMP_MISSING, "a signature made by " + at, "made at no known time");
    }
    return record.signedAt().get().isAfter(at)
        ? Check.failed(
            "at",
            ErrorCode.TIMESTAMP_INVALID,
            "a signature made by " + at,
            "made at " + record.signedAt().get())
        : Check.passed("at", "made at " + record.signedAt().get());
  }

  /** Whether the pairs of one demand are signed; empty if it has none. */
  static Optional<Check> annotations(SignatureRecord record, Requirement requirement) {
    if (requirement.annotations().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        requirement.annotations().entrySet().stream()
            .filter(one -> !one.getValue().equals(record.annotations().get(one.getKey())))
            .findFirst()
            .map(one -> missing(one, record.annotations().get(one.getKey())))
            .orElseGet(() -> Check.passed("annotations", "all demanded pairs are signed")));
  }

  private static Check missing(Map.Entry<String, String> wanted, @Nullable String found) {
    return Check.failed(
        "annotations",
        ErrorCode.SIGNATURE_METADATA,
        wanted.getKey() + "=" + wanted.getValue(),
        found == null ? "no such pair" : wanted.getKey() + "=" + Shown.text(found));
  }

  /** Whether the signature is young enough for one demand; empty if that sets no limit. */
  Optional<Check> age(SignatureRecord record, Requirement requirement) {
    return requirement.maximumAge().map(limit -> age(record, limit));
  }

  private Check age(SignatureRecord record, Duration limit) {
    Optional<Instant> made = StatementTime.earliest(record);
    if (made.isEmpty()) {
      return Check.failed(
          "age",
          ErrorCode.TIMESTAMP_MISSING,
          "made in the last " + text(limit),
          "made at no known time");
    }
    if (made.get().isAfter(now.plus(SKEW))) {
      return Check.failed(
          "age",
          ErrorCode.TIMESTAMP_INVALID,
          "made in the last " + text(limit),
          "made in the future, at " + made.get());
    }
    String found =
        "made at %s%s"
            .formatted(
                made.get(), record.timeSource().isProof() ? "" : " by the signer's own word");
    return made.get().plus(limit).isBefore(now)
        ? Check.failed("age", ErrorCode.SIGNATURE_EXPIRED, "made in the last " + text(limit), found)
        : Check.passed("age", found);
  }

  static String text(Duration limit) {
    if (limit.toSeconds() % 86_400 == 0) {
      return limit.toDays() + "d";
    }
    return limit.toSeconds() % 3_600 == 0 ? limit.toHours() + "h" : limit.toSeconds() + "s";
  }

  static String word(TimeSource source) {
    return switch (source) {
      case NONE -> "nobody";
      case SIGNER -> "the signer";
      case SIGNING_AUTHORITY -> "the signing authority";
      case TIMESTAMP -> "a timestamp";
      case LOG -> "a log's promise";
    };
  }
}
