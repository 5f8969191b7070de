package dev.bulla.testkit;

/** What a {@link FakeS3} does wrong. */
public enum S3Fault {
  /** Does nothing and answers 500. */
  ERROR_500,
  /** Does nothing and answers 503 SlowDown. */
  SLOW_DOWN,
  /** Does nothing and answers 503 SlowDown, to come back in an hour. */
  COME_BACK,
  /** Does nothing and answers 400: the body is not that of its hash. */
  MISMATCH,
  /** Does nothing and answers 400 ExpiredToken. */
  EXPIRED,
  /** Does nothing and answers 403 RequestTimeTooSkewed. */
  SKEWED,
  /** Does nothing and sends to another address of itself. */
  MOVED,
  /** Does it as if no range had been asked for. */
  WHOLE,
  /** Does nothing and answers 403 AccessDenied. */
  DENIED,
  /** Does it, a tenth of a second later. */
  LATE,
  /** Does nothing and never answers. */
  SILENCE,
  /** Does it, then cuts the connection instead of answering. */
  LOST_ANSWER,
  /** Does it and sends half of the body. */
  CUT_BODY
}
