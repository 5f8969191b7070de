package dev.bulla.policy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.core.verdict.RuleResult;
import dev.bulla.core.verdict.Verdict;
import dev.bulla.rules.FactValues;
import dev.bulla.rules.Limits;
import dev.bulla.rules.Rules;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Judges facts by policy bundles. A pure function of its arguments: the same bundle and facts give
 * the same results, at any time and place.
 *
 * <p>Refusal is the default. A rule that cannot be evaluated, or that reads evidence which is not
 * there without asking for its presence, is an error and refuses; a bundle none of whose rules
 * applies refuses too, for it decided nothing.
 *
 * <p>Make one and share it: compiled rules are kept. Loading the rule language takes some tenths of
 * a second in a cold JVM; {@link #warm} does it ahead, in another thread. Thread-safe.
 */
public final class EvaluatePolicy {
  private final RuleCompiler compiler;

  public EvaluatePolicy() {
    this.compiler = new RuleCompiler(new Rules(FactShapes.environment(), Limits.DEFAULT));
  }

  /** Loads the rule language now, in this thread. */
  public void warm() {
    compiler.warm();
  }

  /**
   * Compiles every expression of a bundle, so that a user's mistake is found before any work is
   * done.
   *
   * @throws BullaException {@link ErrorCode#POLICY_INVALID} naming rule, field and place
   */
  public void check(PolicyBundle bundle) {
    bundle.rules().forEach(rule -> compiler.check(bundle.name(), rule));
  }

  /**
   * @param time when the decision is taken, for the record; rules see {@code now} of the facts
   */
  public Verdict evaluate(PolicyBundle bundle, Facts facts, Instant time) {
    return verdict(facts, time, bundle.name(), bundle.digest(), results(bundle, facts));
  }

  /**
   * One verdict over several bundles: allowed only if each allows. A bundle that does not decide in
   * the facts' phase is reported as not applicable; if none decides the verdict refuses. The rules
   * of every bundle but the first carry the bundle's name: {@code name/rule}.
   *
   * @param bundles at least one, the built-in first
   */
  public Verdict evaluate(List<PolicyBundle> bundles, Facts facts, Instant time) {
    List<PolicyBundle> deciding =
        bundles.stream().filter(bundle -> bundle.phases().contains(facts.phase())).toList();
    List<PolicyBundle> judged = deciding.isEmpty() ? bundles : deciding;
    List<RuleResult> results = new ArrayList<>();
    ArrayNode digests = Json.array();
    List<String> names = new ArrayList<>();
    for (PolicyBundle bundle : judged) {
      String prefix = results.isEmpty() ? "" : bundle.name() + "/";
      results(bundle, facts).forEach(result -> results.add(prefixed(prefix, result)));
      digests.add(bundle.digest().toString());
      names.add(bundle.name());
    }
    bundles.stream()
        .filter(bundle -> !judged.contains(bundle))
        .forEach(bundle -> results.add(elsewhere(bundle, facts.phase())));
    Digest digest =
        judged.size() == 1 ? judged.getFirst().digest() : Digest.sha256(Json.canonical(digests));
    return verdict(facts, time, String.join(" + ", names), digest, results);
  }

  private static RuleResult elsewhere(PolicyBundle bundle, Phase phase) {
    return new RuleResult(
        bundle.name(),
        RuleResult.Outcome.NOT_APPLICABLE,
        "",
        "does not apply: this policy does not decide in phase " + phase.id(),
        "",
        List.of());
  }

  private List<RuleResult> results(PolicyBundle bundle, Facts facts) {
    ObjectNode document = facts.document();
    document.set("params", bundle.params());
    RuleEvaluation evaluation =
        new RuleEvaluation(compiler, facts.phase(), document, FactValues.of(document));
    List<RuleResult> results = new ArrayList<>();
    if (bundle.phases().contains(facts.phase())) {
      bundle.rules().forEach(rule -> results.add(evaluation.judge(rule)));
    }
    boolean decided =
        results.stream().anyMatch(result -> result.outcome() != RuleResult.Outcome.NOT_APPLICABLE);
    if (!decided) {
      results.add(
          new RuleResult(
              "a-rule-applies",
              RuleResult.Outcome.ERROR,
              ErrorCode.POLICY_EVALUATION.id(),
              "policy %s has no rule that applies in phase %s: it decided nothing"
                  .formatted(bundle.name(), facts.phase().id()),
              "Use a policy for this phase, or add the phase to spec.phases.",
              List.of()));
    }
    return results;
  }

  private static RuleResult prefixed(String prefix, RuleResult result) {
    return new RuleResult(
        prefix + result.id(),
        result.outcome(),
        result.code(),
        result.message(),
        result.remediation(),
        result.evidence());
  }

  private static Verdict verdict(
      Facts facts, Instant time, String name, Digest digest, List<RuleResult> results) {
    return new Verdict(
        facts.phase().id(),
        facts.subject(),
        facts.name(),
        time,
        name,
        digest,
        facts.digest(),
        results);
  }
}
