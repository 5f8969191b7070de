package dev.bulla.policy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.core.verdict.Evidence;
import dev.bulla.core.verdict.RuleResult;
import dev.bulla.core.verdict.Verdict;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Verdicts as JSON, for machines, for the graph and inside a verification summary. */
public final class VerdictJson {
  private static final int MAX_RESULTS = 2_000;

  private VerdictJson() {}

  public static ObjectNode write(Verdict verdict) {
    ObjectNode root = Json.object();
    root.put("phase", verdict.phase());
    root.put("allowed", verdict.allowed());
    verdict.subject().ifPresent(digest -> root.put("subject", digest.toString()));
    root.put("name", verdict.name());
    root.put("time", verdict.time().toString());
    ObjectNode policy = root.putObject("policy");
    policy.put("name", verdict.policy()).put("digest", verdict.policyDigest().toString());
    root.put("facts", verdict.factsDigest().toString());
    ArrayNode results = root.putArray("results");
    verdict.results().forEach(result -> results.add(write(result)));
    return root;
  }

  private static ObjectNode write(RuleResult result) {
    ObjectNode node = Json.object().put("id", result.id()).put("outcome", id(result.outcome()));
    putText(node, "code", result.code());
    node.put("message", result.message());
    putText(node, "remediation", result.remediation());
    ArrayNode evidence = node.putArray("evidence");
    for (Evidence one : result.evidence()) {
      ObjectNode entry = evidence.addObject().put("kind", one.kind());
      one.digest().ifPresent(digest -> entry.put("digest", digest.toString()));
      entry.put("detail", one.detail());
    }
    return node;
  }

  /**
   * Reads back what {@link #write} wrote.
   *
   * @throws BullaException {@link ErrorCode#FIELD_INVALID} if the document has another shape,
   *     {@link ErrorCode#STATEMENT_INVALID} if it says something else than its results do
   */
  public static Verdict parse(JsonNode node) {
    Fields root = Fields.of(node, "verdict");
    Fields policy = root.object("policy");
    List<Fields> listed = root.objects("results");
    if (listed.size() > MAX_RESULTS) {
      throw root.invalid(
          "results", "a list of %d, at most %d are read".formatted(listed.size(), MAX_RESULTS));
    }
    List<RuleResult> results = new ArrayList<>();
    listed.forEach(one -> results.add(result(one)));
    Verdict verdict =
        new Verdict(
            root.string("phase"),
            root.optionalString("subject").map(Digest::parse),
            root.string("name"),
            time(root, "time"),
            policy.string("name"),
            Digest.parse(policy.string("digest")),
            Digest.parse(root.string("facts")),
            results);
    if (root.optionalBoolean("allowed").orElse(false) != verdict.allowed()) {
      throw new BullaException(
          ErrorCode.STATEMENT_INVALID,
          "verdict: 'allowed' is not what its %d rule results say".formatted(results.size()));
    }
    return verdict;
  }

  private static RuleResult result(Fields one) {
    List<Evidence> evidence = new ArrayList<>();
    for (Fields entry : one.objects("evidence")) {
      evidence.add(
          new Evidence(
              entry.string("kind"),
              entry.optionalString("digest").map(Digest::parse),
              entry.optionalString("detail").orElse("")));
    }
    return new RuleResult(
        one.string("id"),
        outcome(one),
        one.optionalString("code").orElse(""),
        one.string("message"),
        one.optionalString("remediation").orElse(""),
        evidence);
  }

  private static RuleResult.Outcome outcome(Fields one) {
    String id = one.string("outcome");
    return Arrays.stream(RuleResult.Outcome.values())
        .filter(outcome -> id(outcome).equals(id))
        .findFirst()
        .orElseThrow(() ->
            one.invalid(
                "outcome", "'" + id + "', expected pass, warn, fail, error or not-applicable"));
  }

  static Instant time(Fields from, String field) {
    try {
      return Instant.parse(from.string(field));
    } catch (DateTimeParseException e) {
      throw from.invalid(field, "'" + from.string(field) + "', expected an RFC 3339 time in UTC");
    }
  }

  private static String id(RuleResult.Outcome outcome) {
    return outcome.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static void putText(ObjectNode node, String name, String value) {
    if (!value.isEmpty()) {
      node.put(name, value);
    }
  }
}
