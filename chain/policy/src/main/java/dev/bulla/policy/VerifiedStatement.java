package dev.bulla.policy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.json.Fields;
import dev.bulla.core.statement.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import tools.jackson.databind.node.ObjectNode;

/**
 * A statement about the subject whose signature was verified.
 *
 * @param evidence digest of the manifest that carries it
 * @param authority who is believed for it
 */
record VerifiedStatement(Digest evidence, String authority, Statement statement) {

  /** Of two statements of one time the first counts: CycloneDX, which knows places, before SPDX. */
  private static final Comparator<VerifiedStatement> ORDER =
      Comparator.comparing((VerifiedStatement one) -> one.statement.predicateType())
          .thenComparing(VerifiedStatement::evidence);

  /** What a predicate says, and when it says it was made. */
  record Reading(Instant made, ObjectNode facts) {}

  static List<VerifiedStatement> of(List<SignatureRecord> records, Optional<Digest> subject) {
    List<VerifiedStatement> found = new ArrayList<>();
    for (SignatureRecord one : records) {
      if (counts(one, subject)) {
        found.add(
            new VerifiedStatement(one.evidence(), one.authority(), one.statement().orElseThrow()));
      }
    }
    return found;
  }

  /** Whether a signature makes its statement a fact about the subject. */
  static boolean counts(SignatureRecord one, Optional<Digest> subject) {
    return one.verified()
        && subject.isPresent()
        && one.statement().map(statement -> statement.isAbout(subject.get())).orElse(false);
  }

  Fields predicate() {
    return Fields.of(statement.predicate(), statement.predicateType());
  }

  /**
   * The section that the newest statement of a kind makes, with {@code present}, {@code problem},
   * {@code evidence}, {@code authority} and {@code statements} filled in. One that cannot be read
   * spoils the section.
   *
   * @param empty the section's other members without content
   */
  static ObjectNode section(
      List<VerifiedStatement> all,
      Predicate<String> type,
      ObjectNode empty,
      Function<VerifiedStatement, Reading> reader) {
    List<VerifiedStatement> ofKind =
        all.stream().filter(one -> type.test(one.statement.predicateType())).toList();
    Optional<VerifiedStatement> chosen = Optional.empty();
    Optional<Reading> newest = Optional.empty();
    String problem = "";
    for (VerifiedStatement one : ofKind.stream().sorted(ORDER).toList()) {
      try {
        Reading reading = reader.apply(one);
        if (newest.isEmpty() || reading.made().isAfter(newest.get().made())) {
          newest = Optional.of(reading);
          chosen = Optional.of(one);
        }
      } catch (BullaException e) {
        problem = e.reason();
      }
    }
    boolean present = newest.isPresent() && problem.isEmpty();
    ObjectNode section = present ? newest.orElseThrow().facts() : empty;
    section.put("present", present);
    section.put("problem", problem);
    section.put("evidence", present ? chosen.orElseThrow().evidence.toString() : "");
    section.put("authority", present ? chosen.orElseThrow().authority : "");
    section.put("statements", ofKind.size());
    return section;
  }
}
