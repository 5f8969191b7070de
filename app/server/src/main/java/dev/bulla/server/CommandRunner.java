package dev.bulla.server;

/**
 * Runs one command of the CLI; implemented by {@code cli}, so that a resident server can serve
 * commands without knowing them. Thread-safe: many runs at a time.
 */
public interface CommandRunner {
  /**
   * Runs to the end and never throws for what the user did.
   *
   * @return the exit code: 0 done, 1 failed, 2 usage, 3 refused, 4 unavailable
   */
  int run(Invocation invocation);

  /**
   * Whether a resident process may run this: a short command that only reads, and for which this
   * process and one of the caller's own would do the same. Decides without running anything.
   */
  boolean mayRunResident(Invocation invocation);
}
