package dev.bulla.core.claim;

import dev.bulla.core.ErrorCode;
import java.util.Optional;

/**
 * One step of a verification.
 *
 * @param name stable name of the step: {@code integrity}, {@code authenticity}, {@code expiry},
 *     {@code claims}, …
 * @param code why it did not pass; empty exactly when the outcome is PASSED or SKIPPED
 * @param expected what would have passed, or the empty string
 * @param found what was there
 */
public record Check(
    String name, Outcome outcome, Optional<ErrorCode> code, String expected, String found) {

  /** What became of a step. */
  public enum Outcome {
    PASSED,
    FAILED,
    /** Failed, but the trust policy only logs this check. */
    LOGGED,
    SKIPPED
  }

  public Check {
    boolean fine = outcome == Outcome.PASSED || outcome == Outcome.SKIPPED;
    if (fine == code.isPresent()) {
      throw new IllegalArgumentException(
          name + ": a check has a code exactly when it did not pass");
    }
  }

  public static Check passed(String name, String found) {
    return new Check(name, Outcome.PASSED, Optional.empty(), "", found);
  }

  public static Check skipped(String name, String why) {
    return new Check(name, Outcome.SKIPPED, Optional.empty(), "", why);
  }

  public static Check failed(String name, ErrorCode code, String expected, String found) {
    return new Check(name, Outcome.FAILED, Optional.of(code), expected, found);
  }

  public static Check logged(String name, ErrorCode code, String expected, String found) {
    return new Check(name, Outcome.LOGGED, Optional.of(code), expected, found);
  }
}
