package dev.bulla.web;

/**
 * Attached to an exchange before it is refused for the moment: when to ask again (RFC 9110 section
 * 10.2.3).
 */
public record RetryAfter(long seconds) {
  /** For refusals that do not say. */
  static final RetryAfter STANDARD = new RetryAfter(60);

  /** For what is away and is expected back. */
  static final RetryAfter SOON = new RetryAfter(5);

  public RetryAfter {
    seconds = Math.clamp(seconds, 1, 3_600);
  }
}
