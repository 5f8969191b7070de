package dev.bulla.policy;

import dev.bulla.core.ErrorCode;
import java.util.Optional;

/**
 * One rule of a bundle; the expressions are CEL.
 *
 * @param id stable within its bundle
 * @param title what the rule demands, one sentence
 * @param code what a failure is reported as; by default {@code policy-rule-failed}
 * @param when the rule applies only where this holds
 * @param condition what must hold
 * @param message what is said when it does not
 * @param remediation what to do then, or the empty text
 * @param evidence what the rule looked at, reported when it does not hold
 */
public record PolicyRule(
    String id,
    String title,
    Action action,
    String code,
    Optional<String> when,
    String condition,
    Optional<String> message,
    String remediation,
    Optional<String> evidence) {
  static final String DEFAULT_CODE = ErrorCode.POLICY_RULE_FAILED.id();

  /** What a rule that does not hold leads to. */
  public enum Action {
    ENFORCE,
    WARN
  }
}
