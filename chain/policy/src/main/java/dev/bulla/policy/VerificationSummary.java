package dev.bulla.policy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Fields;
import dev.bulla.core.json.Json;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import dev.bulla.core.verdict.RuleResult;
import dev.bulla.core.verdict.Verdict;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A verdict as a statement that others can rely on (slsa.dev/spec/v1.1/verification_summary).
 * Readers that know only that specification see PASSED or FAILED and the levels; the whole verdict
 * is under the extension member {@value #EXTENSION}.
 *
 * @param verifier who decided, a URI
 * @param resourceUri what the subject was to be, or is, known as
 * @param inputs digests of the attestations that were judged
 * @param levels SLSA levels that hold for the subject; {@code FAILED} if none do
 * @param verdict every rule result, if the statement is one of Bulla's
 */
public record VerificationSummary(
    String verifier,
    Instant timeVerified,
    String resourceUri,
    String policyUri,
    Optional<Digest> policyDigest,
    List<Digest> inputs,
    boolean passed,
    List<String> levels,
    Optional<Verdict> verdict) {

  /** Where the policies of Bulla are named; the bundle's name follows. */
  public static final String POLICY_URI = "https://bulla.dev/policy/";

  /** The member of the predicate that holds the whole verdict. */
  public static final String EXTENSION = "bulla_verdict";

  private static final String PROVENANCE_RULE = "provenance-verified";
  private static final int MAX_INPUTS = 1_000;

  public VerificationSummary {
    inputs = List.copyOf(inputs);
    levels = List.copyOf(levels);
  }

  /**
   * The statement about {@code subject}.
   *
   * @param inputs the evidence that was judged, by the digests of the manifests that carry it
   */
  public static Statement statement(
      Verdict verdict, Digest subject, String resourceUri, String verifier, List<Digest> inputs) {
    if (verdict.subject().isPresent() && !verdict.subject().get().equals(subject)) {
      throw new BullaException(
          ErrorCode.STATEMENT_INVALID,
          "a verdict about %s cannot be a statement about %s"
              .formatted(verdict.subject().get(), subject));
    }
    ObjectNode predicate = Json.object();
    predicate.putObject("verifier").put("id", verifier);
    predicate.put("timeVerified", verdict.time().truncatedTo(ChronoUnit.SECONDS).toString());
    predicate.put("resourceUri", resourceUri);
    ObjectNode policy = predicate.putObject("policy");
    policy.put("uri", POLICY_URI + verdict.policy().replace(" + ", "+"));
    digest(policy, verdict.policyDigest());
    ArrayNode judged = predicate.putArray("inputAttestations");
    inputs.stream().distinct().sorted().forEach(one -> digest(judged.addObject(), one));
    predicate.put("verificationResult", verdict.allowed() ? "PASSED" : "FAILED");
    predicate.putArray("verifiedLevels").add(level(verdict));
    predicate.put("slsaVersion", "1.1");
    predicate.set(EXTENSION, VerdictJson.write(verdict));
    return Statement.about(subject, PredicateTypes.VERIFICATION_SUMMARY_V1, predicate);
  }

  /**
   * Signed provenance is level 1; who runs the builder, and how, is not judged here, so no more is
   * claimed.
   */
  private static String level(Verdict verdict) {
    boolean provenance =
        verdict.results().stream()
            .anyMatch(result ->
                result.id().equals(PROVENANCE_RULE) && result.outcome() == RuleResult.Outcome.PASS);
    if (!verdict.allowed()) {
      return "FAILED";
    }
    return provenance ? "SLSA_BUILD_LEVEL_1" : "SLSA_BUILD_LEVEL_UNEVALUATED";
  }

  private static void digest(ObjectNode into, Digest digest) {
    into.putObject("digest").put(digest.algorithm().id(), digest.hex());
  }

  /**
   * Reads a verification summary, of Bulla or of another verifier. The caller has verified who
   * signed it.
   *
   * @throws BullaException {@link ErrorCode#STATEMENT_INVALID} if it is another kind of statement
   *     or contradicts itself, {@link ErrorCode#FIELD_INVALID} if a member is missing
   */
  public static VerificationSummary parse(Statement statement) {
    if (!statement.predicateType().equals(PredicateTypes.VERIFICATION_SUMMARY_V1)) {
      throw invalid("the statement is of type " + statement.predicateType());
    }
    Fields root = Fields.of(statement.predicate(), "verification summary");
    boolean passed =
        switch (root.string("verificationResult")) {
          case "PASSED" -> true;
          case "FAILED" -> false;
          default -> throw root.invalid("verificationResult", "neither PASSED nor FAILED");
        };
    Optional<Verdict> verdict =
        root.optionalObject(EXTENSION).map(fields -> VerdictJson.parse(fields.node()));
    verdict.ifPresent(value -> checkAgrees(value, passed, statement));
    Fields policy = root.object("policy");
    List<Digest> inputs = new ArrayList<>();
    for (Fields one : Read.objects(root, "inputAttestations", MAX_INPUTS)) {
      digest(one).ifPresent(inputs::add);
    }
    return new VerificationSummary(
        root.object("verifier").string("id"),
        Read.time(root, "timeVerified").orElseThrow(() -> root.invalid("timeVerified", "missing")),
        root.string("resourceUri"),
        Read.text(policy, "uri"),
        digest(policy),
        inputs,
        passed,
        Read.texts(root, "verifiedLevels", MAX_INPUTS),
        verdict);
  }

  private static void checkAgrees(Verdict verdict, boolean passed, Statement statement) {
    if (verdict.allowed() != passed) {
      throw invalid("verificationResult contradicts the rule results");
    }
    if (verdict.subject().map(digest -> !statement.isAbout(digest)).orElse(false)) {
      throw invalid("the verdict inside is about another subject");
    }
  }

  private static Optional<Digest> digest(Fields from) {
    Map<String, String> digests = from.stringMap("digest");
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      String hex = digests.get(algorithm.id());
      if (hex != null) {
        return Optional.of(new Digest(algorithm, hex));
      }
    }
    return Optional.empty();
  }

  private static BullaException invalid(String why) {
    return new BullaException(ErrorCode.STATEMENT_INVALID, "verification summary: " + why);
  }
}
