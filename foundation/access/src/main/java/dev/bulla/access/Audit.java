package dev.bulla.access;

import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import dev.bulla.web.Exchange;
import dev.bulla.web.Method;
import dev.bulla.web.Observer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Who changed what, or wanted to: one line of JSON for each request that changes something, and for
 * each that was refused for who sent it. Chunks of uploads are left out, and so are requests
 * without a credential from this machine, of whom there is nothing to say.
 */
public final class Audit implements Observer {
  private final Consumer<String> lines;

  /** Into the log {@code bulla.audit}. */
  public Audit() {
    this(line -> System.getLogger("bulla.audit").log(System.Logger.Level.INFO, line));
  }

  Audit(Consumer<String> lines) {
    this.lines = lines;
  }

  @Override
  public void answered(Exchange exchange, int status) {
    boolean refused = status == 401 || status == 403 || status == 429;
    boolean reads = exchange.method() == Method.GET || exchange.method() == Method.HEAD;
    boolean chunk = exchange.path().contains("/blobs/uploads/");
    Principal principal = Principal.of(exchange);
    if (reads && (status != 403 || principal.isAnonymous())
        || !reads && chunk && !refused
        || principal.isAnonymous() && principal.local()) {
      return;
    }
    lines.accept(
        new String(
            Json.write(
                Json.object()
                    .put("who", principal.name())
                    .put("kind", principal.kind().name())
                    .put("from", exchange.remoteAddress().getHostAddress())
                    .put("method", exchange.method().name())
                    .put("path", Shown.text(exchange.path()))
                    .put("status", status)
                    .put("allowed", !refused)),
            StandardCharsets.UTF_8));
  }
}
