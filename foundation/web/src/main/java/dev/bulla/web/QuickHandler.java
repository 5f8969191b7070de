package dev.bulla.web;

import java.io.IOException;
import java.util.function.Consumer;

/**
 * A handler that can answer some exchanges without waiting: neither for a disk, nor for the
 * network, nor for a lock that is held for long.
 */
public interface QuickHandler extends Handler {
  /**
   * Answers on the thread that serves all connections, if nothing has to be waited for.
   *
   * @return false if nothing was done, so that {@link #handle} must be called
   */
  boolean handleAtOnce(Exchange exchange) throws IOException;

  /** One that asks {@code quick} first. */
  static QuickHandler of(AtOnce quick, Handler otherwise) {
    return new QuickHandler() {
      @Override
      public boolean handleAtOnce(Exchange exchange) throws IOException {
        return quick.handle(exchange);
      }

      @Override
      public void handle(Exchange exchange) throws IOException {
        otherwise.handle(exchange);
      }
    };
  }

  /**
   * {@code handler} after something that does not wait and may be done twice; quick if it is.
   *
   * @param first may refuse by an exception
   */
  static Handler after(Consumer<Exchange> first, Handler handler) {
    Handler whole =
        exchange -> {
          first.accept(exchange);
          handler.handle(exchange);
        };
    return handler instanceof QuickHandler quick
        ? of(
            exchange -> {
              first.accept(exchange);
              return quick.handleAtOnce(exchange);
            },
            whole)
        : whole;
  }

  /** The part of a {@link QuickHandler} that does not wait. */
  @FunctionalInterface
  interface AtOnce {
    /** As {@link QuickHandler#handleAtOnce}. */
    boolean handle(Exchange exchange) throws IOException;
  }
}
