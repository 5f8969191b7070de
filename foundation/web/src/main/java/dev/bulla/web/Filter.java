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
}
