package dev.bulla.rules;

import java.time.Duration;

/**
 * How much an expression may cost. Steps are counted the same way on every machine, so whether an
 * evaluation ends within its limit does not depend on load; the deadline is a second fence.
 *
 * @param characters of one expression
 * @param nodes of its syntax tree, macros not yet expanded
 * @param iterations of all comprehensions in one evaluation together
 * @param steps syntax tree nodes visited, elements compared and characters copied (by 64) in one
 *     evaluation
 * @param size longest text in characters and longest list in elements that an evaluation may make
 * @param deadline for one evaluation, wall time
 */
public record Limits(
    int characters, int nodes, int iterations, long steps, int size, Duration deadline) {

  /** Ample for policies over facts with tens of thousands of components. */
  public static final Limits DEFAULT =
      new Limits(8_192, 2_000, 1_000_000, 2_000_000, 1_000_000, Duration.ofSeconds(5));

  public Limits {
    if (characters < 1
        || nodes < 1
        || iterations < 1
        || steps < 1
        || size < 1
        || !deadline.isPositive()) {
      throw new IllegalArgumentException("limits must be positive");
    }
  }
}
