package dev.bulla.core.verdict;

import java.util.List;

/**
 * What one rule said.
 *
 * @param id the rule's own stable name, for example {@code no-critical-vulnerabilities}
 * @param code the error code's id for a result other than PASS or NOT_APPLICABLE, else empty
 * @param message one sentence; for a failure: what was required and what was found
 * @param remediation what to do about a failure, or the empty string
 */
public record RuleResult(
    String id,
    Outcome outcome,
    String code,
    String message,
    String remediation,
    List<Evidence> evidence) {

  /** What a rule came to. */
  public enum Outcome {
    PASS,
    /** Not met, and the rule only warns. */
    WARN,
    FAIL,
    /** Could not be evaluated; counts as refused. */
    ERROR,
    /** The facts it reads do not exist in this phase. */
    NOT_APPLICABLE
  }

  public RuleResult {
    evidence = List.copyOf(evidence);
  }

  public boolean blocks() {
    return outcome == Outcome.FAIL || outcome == Outcome.ERROR;
  }
}
