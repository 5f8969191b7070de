package dev.bulla.rules;

/** What one evaluation has used up. Confined to the evaluating thread. */
final class Budget {
  /**
   * A limit was reached. An {@link Error} on purpose: the interpreter turns exceptions into CEL
   * error values, which {@code ||} and {@code exists} may swallow; a spent budget must end the
   * evaluation.
   */
  static final class Spent extends Error {
    private static final long serialVersionUID = 1L;

    Spent(String message) {
      super(message, null, false, false);
    }
  }

  private static final int CLOCK_EVERY = 1024;

  /** The budget of the evaluation that runs in this thread. */
  static final ScopedValue<Budget> CURRENT = ScopedValue.newInstance();

  private final Limits limits;
  private final long end;
  private long left;
  private int untilClock = CLOCK_EVERY;

  Budget(Limits limits) {
    this.limits = limits;
    this.left = limits.steps();
    this.end = System.nanoTime() + limits.deadline().toNanos();
  }

  void spend(long steps) {
    left -= steps;
    if (left < 0) {
      throw new Spent("the evaluation takes more than " + limits.steps() + " steps");
    }
    untilClock -= (int) Math.min(steps, CLOCK_EVERY);
    if (untilClock <= 0) {
      untilClock = CLOCK_EVERY;
      if (System.nanoTime() - end > 0) {
        throw new Spent("the evaluation takes longer than " + limits.deadline().toMillis() + " ms");
      }
    }
  }

  /** Refuses to make a text or a list of more than the allowed size; pays for the copy. */
  void make(long size, long copied, String what) {
    if (size > limits.size()) {
      throw new Spent(
          "the evaluation makes a %s of size %d, at most %d are made"
              .formatted(what, size, limits.size()));
    }
    spend(1 + copied / 64);
  }
}
