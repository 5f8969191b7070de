package dev.bulla.web;

import java.io.IOException;

/** Runs handlers within something that lasts as long as they do. */
@FunctionalInterface
public interface Around {
  /** Runs {@code handling}, once. Filters have seen the exchange before. */
  void run(Exchange exchange, Handling handling) throws IOException;

  /** What a route does with the exchange. */
  @FunctionalInterface
  interface Handling {
    void run() throws IOException;
  }
}
