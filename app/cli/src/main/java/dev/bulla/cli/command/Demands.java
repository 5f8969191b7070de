package dev.bulla.cli.command;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.claim.Check;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.statement.Statement;
import dev.bulla.signing.trust.Outcomes;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;

/**
 * What the caller demands of a signature in Cosign's formats beside what the signer's trust asks
 * for. It can only turn a verified signature into a refused one.
 *
 * @param timestamp whether something must prove when it was made
 * @param at the moment by which it must be proven to have been made
 * @param type predicate type that the statement must have
 */
record Demands(boolean timestamp, Optional<Instant> at, Optional<String> type) {

  Verification on(Verification found) {
    if (!found.accepted()) {
      return found;
    }
    List<SignatureRecord> records = onEach(found.signatures());
    return records.equals(found.signatures())
        ? found
        : Outcomes.anyOf(found.subject(), records, "a signature as demanded", false);
  }

  /** The records, each refused that is verified and not as demanded. */
  List<SignatureRecord> onEach(List<SignatureRecord> records) {
    return records.stream().map(one -> check(one).map(one::with).orElse(one)).toList();
  }

  private Optional<Check> check(SignatureRecord record) {
    if (!record.verified()) {
      return Optional.empty();
    }
    String is = record.statement().map(Statement::predicateType).orElse("no statement");
    if (type.isPresent() && !type.get().equals(is)) {
      return Optional.of(
          Check.failed("type", ErrorCode.STATEMENT_MISSING, type.get(), Shown.text(is)));
    }
    if ((timestamp || at.isPresent()) && record.signedAt().isEmpty()) {
      return Optional.of(
          Check.failed(
              "timestamp",
              ErrorCode.TIMESTAMP_MISSING,
              "a timestamp or a log's promise that proves when the signature was made",
              "neither"));
    }
    return at.filter(record.signedAt().orElse(Instant.MIN)::isAfter)
        .map(moment ->
            Check.failed(
                "timestamp",
                ErrorCode.TIMESTAMP_INVALID,
                "a signature made by " + moment,
                "made at " + record.signedAt().orElseThrow()));
  }

  /** A moment as RFC 3339 writes it, or a day, which means its first moment in UTC. */
  static Instant moment(String written) {
    try {
      return written.length() == 10
          ? LocalDate.parse(written).atStartOfDay(ZoneOffset.UTC).toInstant()
          : OffsetDateTime.parse(written).toInstant();
    } catch (DateTimeParseException e) {
      throw new BullaException(
          ErrorCode.USAGE,
          "--at is '%s', expected a time such as 2026-11-21T12:00:00Z"
              .formatted(Shown.text(written)),
          e);
    }
  }
}
