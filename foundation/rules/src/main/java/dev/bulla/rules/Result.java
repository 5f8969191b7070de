package dev.bulla.rules;

/**
 * What an evaluation came to. An error is never taken for true or false: whoever asks must refuse.
 */
public sealed interface Result<T> {

  /** The expression has this value. */
  record Value<T>(T value) implements Result<T> {}

  /** The expression has no value. */
  record Error<T>(Cause cause, String message) implements Result<T> {}

  /** Why an expression has no value. */
  enum Cause {
    /**
     * It read a fact that is not there: an absent key of a map, an index past the end of a list.
     */
    MISSING,
    /** It ran into a limit: steps, iterations, sizes or time. */
    LIMIT,
    /**
     * Anything else: a division by zero, a value of another type than expected, a malformed
     * timestamp.
     */
    FAILED
  }
}
