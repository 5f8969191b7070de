package dev.bulla.web;

/** Looks at every exchange before its route's exposure is checked and its handler runs. */
@FunctionalInterface
public interface Filter {
  /**
   * Returns to let the exchange go on, possibly after attaching attributes.
   *
   * @throws dev.bulla.core.BullaException to refuse it
   */
  void check(Exchange exchange);

  /**
   * Whether checking this exchange may have to wait for a disk, the network or a lock that is held
   * for long; then it is not done on the thread that serves all connections.
   */
  default boolean mayWait(Exchange exchange) {
    return true;
  }
}
