package dev.bulla.registry.replication;

import dev.bulla.core.Digest;
import dev.bulla.core.envelope.DsseEnvelope;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.Statement;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a region says became of a digest with it: an in-toto statement about the digest, signed with
 * the key of the region.
 *
 * @param reason why it is not shown there; empty exactly if it is
 * @param policy digest of the trust policy that decided, or empty
 * @param seq how far the region had read the feed
 * @param closure what belongs to it there; empty if it is not whole, or too large
 */
record Receipt(
    String region,
    String repository,
    Digest digest,
    Verdict verdict,
    String reason,
    String policy,
    long seq,
    Instant at,
    Optional<ClosureSummary> closure) {
  static final String PREDICATE = "https://bulla.dev/replication-receipt/v1";
  static final String STATEMENT = "application/vnd.in-toto+json";

  /** The payload type of a region's signed position. */
  static final String POSITION = "application/vnd.bulla.replica-position.v1+json";

  /** What became of it. */
  enum Verdict {
    ADMITTED,
    /** It is there with everything, and the region's policy does not accept it. */
    REFUSED,
    /** Something that belongs to it could not be had. */
    INCOMPLETE
  }

  /** What is worth telling: another time or position alone is not. */
  String says() {
    String whole = closure.map(one -> "\n" + one.rootHash()).orElse("");
    return verdict + "\n" + policy + "\n" + reason + whole;
  }

  DsseEnvelope seal(Seal seal) {
    ObjectNode predicate = Json.object().put("region", region).put("repository", repository);
    predicate.put("verdict", verdict.name().toLowerCase(Locale.ROOT)).put("reason", reason);
    predicate.put("policy", policy).put("seq", seq).put("at", at.toString());
    closure.ifPresent(one -> predicate.set("closure", one.toJson()));
    return seal.sign(STATEMENT, Statement.about(digest, PREDICATE, predicate).toJson());
  }

  /** Reads the payload of an envelope whose signature was checked. */
  static Receipt parse(byte[] payload) {
    Statement statement = Statement.parse(payload);
    Fields fields =
        Fields.of(statement.predicate(), "receipt")
            .only("region", "repository", "verdict", "reason", "policy", "seq", "at", "closure");
    Map.Entry<String, String> subject =
        statement.subjects().getFirst().digests().entrySet().iterator().next();
    if (!statement.predicateType().equals(PREDICATE)) {
      throw fields.invalid("predicateType", "'" + statement.predicateType() + "'");
    }
    Verdict verdict = null;
    for (Verdict one : Verdict.values()) {
      if (one.name().toLowerCase(Locale.ROOT).equals(fields.string("verdict"))) {
        verdict = one;
      }
    }
    if (verdict == null) {
      throw fields.invalid("verdict", "none that is known");
    }
    return new Receipt(
        fields.string("region"),
        fields.string("repository"),
        Digest.parse(subject.getKey() + ":" + subject.getValue()),
        verdict,
        fields.string("reason"),
        fields.string("policy"),
        fields.integer("seq"),
        instant(fields),
        fields.has("closure")
            ? Optional.of(ClosureSummary.parse(fields.object("closure")))
            : Optional.empty());
  }

  static Instant instant(Fields fields) {
    try {
      return Instant.parse(fields.string("at"));
    } catch (DateTimeParseException e) {
      throw fields.invalid("at", "no time");
    }
  }
}
