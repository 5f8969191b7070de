package dev.bulla.access;

import dev.bulla.web.Around;
import dev.bulla.web.Exchange;
import dev.bulla.web.Method;
import java.io.IOException;

/**
 * What requests change is written on behalf of who sent them. Reading is left out: what a pull may
 * have written, a decision that was due, is not the puller's doing.
 */
public final class Acting implements Around {
  @Override
  public void run(Exchange exchange, Handling handling) throws IOException {
    if (exchange.method() == Method.GET || exchange.method() == Method.HEAD) {
      handling.run();
      return;
    }
    Principal.of(exchange)
        .actor()
        .<Integer, IOException>call(() -> {
          handling.run();
          return 0;
        });
  }
}
