package dev.bulla.build;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;

/**
 * Where the bytes of a URL come from. The build checks them against the template's SHA-256; this
 * need not.
 */
@FunctionalInterface
public interface Downloads {
  /**
   * Writes the whole content to {@code out} and returns, or fails.
   *
   * @throws dev.bulla.core.BullaException {@code INPUT_UNAVAILABLE} saying what the server answered
   */
  void fetch(URI uri, OutputStream out) throws IOException;
}
