package dev.bulla.web;

/** Decides whether a caller may reach a {@link Exposure#GUARDED} route. */
@FunctionalInterface
public interface Guard {
  /**
   * Returns if the caller may go on.
   *
   * @throws dev.bulla.core.BullaException {@code ACCESS_UNAUTHENTICATED} or {@code ACCESS_DENIED}
   *     otherwise
   */
  void admit(Exchange exchange);
}
