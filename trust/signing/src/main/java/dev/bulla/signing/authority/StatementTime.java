package dev.bulla.signing.authority;

import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** When a statement says that what it reports was done, for the types that say it. */
final class StatementTime {
  private static final String COSIGN_VULN = "https://cosign.sigstore.dev/attestation/vuln/v1";

  private StatementTime() {}

  /** The earlier of what the signature and what the statement say; empty if neither says. */
  static Optional<Instant> earliest(SignatureRecord record) {
    return Stream.concat(
            record.signedAt().stream(), record.statement().flatMap(StatementTime::of).stream())
        .min(Instant::compareTo);
  }

  static Optional<Instant> of(Statement statement) {
    List<String> path =
        switch (statement.predicateType()) {
          case PredicateTypes.SLSA_PROVENANCE_V1 -> List.of("runDetails", "metadata", "finishedOn");
          case PredicateTypes.VULNERABILITIES_V02, COSIGN_VULN ->
              List.of("metadata", "scanFinishedOn");
          case PredicateTypes.VERIFICATION_SUMMARY_V1 -> List.of("timeVerified");
          case PredicateTypes.CYCLONEDX -> List.of("metadata", "timestamp");
          case PredicateTypes.SPDX -> List.of("creationInfo", "created");
          default -> List.of();
        };
    if (path.isEmpty()) {
      return Optional.empty();
    }
    JsonNode found = statement.predicate();
    for (String member : path) {
      found = found.path(member);
    }
    try {
      return found.isString()
          ? Optional.of(OffsetDateTime.parse(found.stringValue()).toInstant())
          : Optional.empty();
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
