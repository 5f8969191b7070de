package dev.bulla.testkit;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** The answer to one request, spoilt by at most one fault. */
final class Answer implements AutoCloseable {
  private final HttpExchange exchange;
  private final Optional<Fault.Kind> fault;

  Answer(HttpExchange exchange, Optional<Fault.Kind> fault) {
    this.exchange = exchange;
    this.fault = fault;
  }

  void header(String name, String value) {
    exchange.getResponseHeaders().set(name, value);
  }

  void error(int status, String code) throws IOException {
    header("Content-Type", "application/json");
    String body = "{\"errors\":[{\"code\":\"%s\",\"message\":\"as told\"}]}".formatted(code);
    send(status, body.getBytes(StandardCharsets.UTF_8));
  }

  void empty(int status) throws IOException {
    send(status, new byte[0]);
  }

  void send(int status, byte[] body) throws IOException {
    byte[] sent = body;
    int written = Integer.MAX_VALUE;
    if (fault.isPresent()) {
      switch (fault.get()) {
        case Fault.Truncate truncate ->
            sent = Arrays.copyOf(body, Math.min(body.length, truncate.bytes()));
        case Fault.Replace replace -> sent = replace.change().apply(body);
        case Fault.Header header -> header(header.name(), header.value());
        case Fault.Slow slow -> pause(slow);
        case Fault.Drop drop -> written = Math.min(body.length, drop.afterBytes());
        case Fault.Status ignored -> {}
        case Fault.DropUpload ignored -> {}
      }
    }
    written = Math.min(written, sent.length);
    if (exchange.getRequestMethod().equals("HEAD") || status == 204) {
      header("Content-Length", Integer.toString(sent.length));
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, sent.length == 0 ? -1 : sent.length);
    if (sent.length > 0) {
      OutputStream out = exchange.getResponseBody();
      out.write(sent, 0, written);
      out.flush();
    }
  }

  /**
   * The request's body; if the fault says so, a part of it, after which the connection must end.
   */
  byte[] body() throws IOException {
    if (dropsUpload()) {
      Fault.DropUpload drop = (Fault.DropUpload) fault.orElseThrow();
      return exchange.getRequestBody().readNBytes(drop.afterBytes());
    }
    return exchange.getRequestBody().readAllBytes();
  }

  boolean dropsUpload() {
    return fault.orElse(null) instanceof Fault.DropUpload;
  }

  private static void pause(Fault.Slow slow) {
    try {
      Thread.sleep(slow.delay());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Ends the exchange; if the body was not written as long as announced, the server closes the
   * connection.
   */
  @Override
  public void close() {
    exchange.close();
  }
}
