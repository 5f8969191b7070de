package dev.bulla.web;

import dev.bulla.core.json.Json;
import java.io.IOException;
import tools.jackson.databind.node.ObjectNode;

/** Problem details (RFC 9457): the error body of every route that has no protocol of its own. */
final class ProblemDetails implements ErrorWriter {
  static final String TYPE = "application/problem+json";

  @Override
  public void write(Exchange exchange, Problem problem) throws IOException {
    if (problem.status() == 401) {
      exchange.setHeader("WWW-Authenticate", "Bearer realm=\"bulla\"");
    }
    exchange.status(problem.status()).send(TYPE, Json.write(body(problem)));
  }

  static ObjectNode body(Problem problem) {
    ObjectNode body = Json.object();
    body.put("type", problem.code().page());
    body.put("title", problem.code().id());
    body.put("status", problem.status());
    body.put("detail", problem.detail());
    if (!problem.nextStep().isEmpty()) {
      body.put("nextStep", problem.nextStep());
    }
    return body;
  }
}
