package dev.bulla.testkit;

/** What a {@link FakeS3} does wrong. */
public enum S3Fault {
  /** Does nothing and answers 500. */
  ERROR_500,
  /** Does nothing and answers 503 SlowDown. */
  SLOW_DOWN,
  /** Does nothing and answers 403 AccessDenied. */
  DENIED,
  /** Does nothing and never answers. */
  SILENCE,
  /** Does it, then cuts the connection instead of answering. */
  LOST_ANSWER,
  /** Does it and sends half of the body. */
  CUT_BODY
}
