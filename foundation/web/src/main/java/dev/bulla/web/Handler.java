package dev.bulla.web;

import java.io.IOException;

/**
 * Answers one exchange, on a virtual thread of its own: blocking is fine, holding a monitor for
 * long is not.
 *
 * <p>A {@link dev.bulla.core.BullaException} becomes the error body of the route's protocol; an
 * {@link IOException} means that the caller went away.
 */
@FunctionalInterface
public interface Handler {
  void handle(Exchange exchange) throws IOException;
}
