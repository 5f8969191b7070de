package dev.bulla.testkit;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** How a registry asks who is there. */
sealed interface Access {

  /** Whether the request may go on; otherwise it has been answered. */
  boolean allows(HttpExchange exchange, Answer answer) throws IOException;

  /** Name and password with each request. */
  record Basic(String user, String password) implements Access {
    @Override
    public boolean allows(HttpExchange exchange, Answer answer) throws IOException {
      if (authorization(exchange).equals(Optional.of(basic(user, password)))) {
        return true;
      }
      answer.header("WWW-Authenticate", "Basic realm=\"test\"");
      answer.error(401, "UNAUTHORIZED");
      return false;
    }
  }

  /** Name and password for a token; the token for the scopes that it says it is for. */
  record Token(String user, String password, String realm) implements Access {
    @Override
    public boolean allows(HttpExchange exchange, Answer answer) throws IOException {
      if (exchange.getRequestURI().getPath().equals("/token")) {
        give(exchange, answer);
        return false;
      }
      String wanted = scope(exchange);
      if (authorization(exchange).filter(sent -> covers(sent, wanted)).isPresent()) {
        return true;
      }
      answer.header(
          "WWW-Authenticate",
          "Bearer realm=\"%s\",service=\"test\"%s"
              .formatted(realm, wanted.isEmpty() ? "" : ",scope=\"" + wanted + "\""));
      answer.error(401, "UNAUTHORIZED");
      return false;
    }

    private void give(HttpExchange exchange, Answer answer) throws IOException {
      if (!authorization(exchange).equals(Optional.of(basic(user, password)))) {
        answer.error(401, "UNAUTHORIZED");
        return;
      }
      String query =
          Optional.ofNullable(exchange.getRequestURI().getQuery()).orElse("")
              + "&id="
              + System.nanoTime();
      String token = Base64.getUrlEncoder().encodeToString(query.getBytes(StandardCharsets.UTF_8));
      answer.header("Content-Type", "application/json");
      answer.send(
          200,
          "{\"token\":\"%s\",\"expires_in\":300}"
              .formatted(token)
              .getBytes(StandardCharsets.UTF_8));
    }

    private static boolean covers(String sent, String wanted) {
      if (!sent.startsWith("Bearer ")) {
        return false;
      }
      String granted =
          new String(Base64.getUrlDecoder().decode(sent.substring(7)), StandardCharsets.UTF_8);
      return granted.contains("service=test")
          && (granted.contains(wanted) || granted.contains(wanted.replace(":pull", ":pull,push")));
    }

    private static String scope(HttpExchange exchange) {
      String name = RegistryProtocol.repository(exchange.getRequestURI().getPath());
      boolean reading =
          exchange.getRequestMethod().equals("GET") || exchange.getRequestMethod().equals("HEAD");
      return name.isEmpty() ? "" : "repository:" + name + (reading ? ":pull" : ":pull,push");
    }
  }

  static Optional<String> authorization(HttpExchange exchange) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"));
  }

  static String basic(String user, String password) {
    String pair = user + ":" + password;
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  static Map<String, String> headers(HttpExchange exchange) {
    Map<String, String> all = new TreeMap<>();
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> all.put(name.toLowerCase(Locale.ROOT), values.getFirst()));
    return all;
  }
}
