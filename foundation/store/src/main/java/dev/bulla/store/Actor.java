package dev.bulla.store;

/**
 * On whose behalf records are written. What a thread writes inside {@link #call} carries it: events
 * of the {@link Outbox} name their author without every write being told who it is for. What nobody
 * asked for (a decision that is taken when somebody pulls, a collection by the clock) is the
 * system's own.
 *
 * @param type as CloudEvents' extension "authcontext" names them: {@code user}, {@code
 *     service_account}, {@code unauthenticated}, {@code system}, or {@code unknown} for events that
 *     are older than authors
 * @param name of the caller; empty where there is none
 */
public record Actor(String type, String name) {
  public static final Actor SYSTEM = new Actor("system", "");
  public static final Actor OWNER = new Actor("user", "owner");
  public static final Actor ANONYMOUS = new Actor("unauthenticated", "");

  private static final ScopedValue<Actor> CURRENT = ScopedValue.newInstance();

  /** On whose behalf this thread works. */
  public static Actor current() {
    return CURRENT.orElse(SYSTEM);
  }

  /** Works on behalf of this actor. Threads that are started meanwhile do not. */
  public <T, X extends Throwable> T call(ScopedValue.CallableOp<? extends T, X> work) throws X {
    return ScopedValue.where(CURRENT, this).call(work);
  }
}
