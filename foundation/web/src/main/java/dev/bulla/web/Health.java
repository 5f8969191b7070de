package dev.bulla.web;

import dev.bulla.core.json.Json;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.node.ObjectNode;

/** Whether the process lives, and whether it can work. */
final class Health {
  private final Map<String, BooleanSupplier> readiness;

  Health(Map<String, BooleanSupplier> readiness) {
    this.readiness = readiness;
  }

  List<Route> routes() {
    return List.of(
        Route.get("/health/live", Health::live).exposedTo(Exposure.PUBLIC),
        Route.get("/health/ready", this::ready).exposedTo(Exposure.PUBLIC));
  }

  private static void live(Exchange exchange) throws IOException {
    exchange.sendJson(Json.object().put("status", "live"));
  }

  private void ready(Exchange exchange) throws IOException {
    ObjectNode body = Json.object();
    ObjectNode checks = Json.object();
    boolean all = true;
    for (Map.Entry<String, BooleanSupplier> check : readiness.entrySet()) {
      boolean ok = check.getValue().getAsBoolean();
      checks.put(check.getKey(), ok);
      all &= ok;
    }
    body.put("status", all ? "ready" : "not ready");
    body.set("checks", checks);
    exchange.status(all ? 200 : 503).sendJson(body);
  }
}
