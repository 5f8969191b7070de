package dev.bulla.graph;

import java.util.Optional;

/**
 * How to ask: how many answers at once, from where on, and which documents are believed.
 *
 * @param limit answers per page, 1 to {@value #MAX_LIMIT}
 * @param cursor {@link Page#next} of the page before
 * @param minTrust documents below it are not looked at; {@link Trust#REJECTED} ones never are
 */
public record Ask(int limit, Optional<String> cursor, Trust minTrust) {
  public static final int MAX_LIMIT = 1000;

  /** The first hundred answers from verified documents. */
  public static final Ask DEFAULT = new Ask(100, Optional.empty(), Trust.VERIFIED);

  public Ask {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new dev.bulla.core.BullaException(
          dev.bulla.core.ErrorCode.USAGE,
          "a page of %d answers was asked for, possible are 1 to %d".formatted(limit, MAX_LIMIT));
    }
    if (minTrust == Trust.REJECTED) {
      throw new dev.bulla.core.BullaException(
          dev.bulla.core.ErrorCode.USAGE,
          "facts of rejected documents are never used for answers",
          "Ask for the evidence of the release to see them.");
    }
  }

  public Ask withLimit(int value) {
    return new Ask(value, cursor, minTrust);
  }

  public Ask after(String nextCursor) {
    return new Ask(limit, Optional.of(nextCursor), minTrust);
  }

  public Ask trusting(Trust value) {
    return new Ask(limit, cursor, value);
  }
}
