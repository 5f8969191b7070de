package dev.bulla.core;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * "Could not decide": the one exception type of the house. A refusal that was reached by looking at
 * evidence is a {@link dev.bulla.core.verdict.Verdict}, never this.
 *
 * <p>The message says what was attempted, on what, what was found and what was expected; {@link
 * #nextStep} says what to do, and is empty when there is nothing sensible to say.
 */
public final class BullaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final String nextStep;

  public BullaException(ErrorCode code, String message) {
    this(code, message, "", null);
  }

  public BullaException(ErrorCode code, String message, String nextStep) {
    this(code, message, nextStep, null);
  }

  public BullaException(ErrorCode code, String message, @Nullable Throwable cause) {
    this(code, message, "", cause);
  }

  public BullaException(
      ErrorCode code, String message, String nextStep, @Nullable Throwable cause) {
    super(message, cause);
    this.code = Objects.requireNonNull(code);
    this.nextStep = Objects.requireNonNull(nextStep);
  }

  public ErrorCode code() {
    return code;
  }

  /** One sentence that says how to get on, or the empty string. */
  public String nextStep() {
    return nextStep;
  }

  /** The message, never null. */
  public String reason() {
    String message = getMessage();
    return message == null ? code.id() : message;
  }
}
