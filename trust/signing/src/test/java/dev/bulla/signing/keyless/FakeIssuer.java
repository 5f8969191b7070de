package dev.bulla.signing.keyless;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * An issuer on loopback at which one person logs in, with both flows, that holds the program to
 * PKCE; and Buildkite's and Google's token services. Each can be told to lie in one way.
 */
final class FakeIssuer implements AutoCloseable {
  private final HttpServer server;
  private final String fault;
  private final Map<String, Map<String, String>> questions = new HashMap<>();
  private int polled;

  FakeIssuer(String fault) throws IOException {
    this.fault = fault;
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/.well-known/openid-configuration", this::discovery);
    server.createContext("/device", this::device);
    server.createContext("/token", this::token);
    server.createContext("/jobs/", this::buildkite);
    server.createContext("/computeMetadata/", this::google);
    server.start();
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private void discovery(HttpExchange exchange) throws IOException {
    ObjectNode document = Json.object();
    document.put("issuer", fault.equals("other-issuer") ? "https://x.test" : "" + address());
    document.put("authorization_endpoint", address() + "/auth");
    document.put(
        "token_endpoint",
        fault.equals("far-token") ? "http://far.test/token" : address() + "/token");
    if (!fault.equals("no-device")) {
      document.put("device_authorization_endpoint", address() + "/device");
    }
    answer(exchange, 200, document);
  }

  /**
   * What a browser does with the address it is shown: the person says yes, and it comes back.
   *
   * @return the status with which it is received, after a stranger was turned away
   */
  List<Integer> browse(String address) throws Exception {
    Map<String, String> asked = form(URI.create(address).getRawQuery());
    questions.put("c0de", asked);
    String back = asked.get("redirect_uri").replace("localhost", "127.0.0.1");
    String state = fault.equals("other-state") ? "x" : asked.get("state");
    String answer = fault.equals("denied") ? "error=access_denied" : "code=c0de";
    List<Integer> statuses = new ArrayList<>();
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (String path :
          List.of(
              back.replace("/auth/callback", "/favicon.ico"),
              back + "?state=" + state + "&" + answer)) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(path)).build();
        statuses.add(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode());
      }
    }
    return statuses;
  }

  private void device(HttpExchange exchange) throws IOException {
    questions.put("d0", form(text(exchange)));
    ObjectNode answer = Json.object();
    answer.put("device_code", "d0").put("user_code", "ABCD-EFGH");
    answer.put("verification_uri", address() + "/type").put("expires_in", 30).put("interval", 5);
    answer(exchange, 200, answer);
  }

  private void token(HttpExchange exchange) throws IOException {
    Map<String, String> form = form(text(exchange));
    boolean device = form.containsKey("device_code");
    if (device && (fault.equals("never") || ++polled < 3)) {
      String error = polled == 2 ? "slow_down" : "authorization_pending";
      answer(exchange, 400, Json.object().put("error", error));
      return;
    }
    Map<String, String> asked = questions.get(form.get(device ? "device_code" : "code"));
    byte[] verifier = form.get("code_verifier").getBytes(StandardCharsets.US_ASCII);
    String challenge =
        Base64.getUrlEncoder().withoutPadding().encodeToString(Digest.sha256(verifier).bytes());
    if (!challenge.equals(asked.get("code_challenge"))) {
      answer(exchange, 400, Json.object().put("error", "invalid_grant"));
      return;
    }
    ObjectNode claims = Json.object().put("iss", "" + address()).put("sub", "alice");
    claims.put("aud", fault.equals("other-audience") ? "x" : form.get("client_id"));
    claims.put("exp", 4_000_000_000L);
    claims.put("nonce", fault.equals("other-nonce") ? "x" : asked.get("nonce"));
    ObjectNode answer = Json.object();
    if (!fault.equals("no-token")) {
      answer.put("id_token", jwt(claims));
    }
    answer(exchange, 200, answer);
  }

  private void buildkite(HttpExchange exchange) throws IOException {
    boolean known =
        "Token agent-secret".equals(exchange.getRequestHeaders().getFirst("Authorization"));
    ObjectNode asked = Json.parseObject(text(exchange).getBytes(StandardCharsets.UTF_8), "asked");
    ObjectNode claims = Json.object().put("iss", "i").put("exp", 4_000_000_000L);
    claims.put("sub", exchange.getRequestURI().getPath());
    claims.put("aud", asked.path("audience").asString());
    answer(
        exchange,
        known ? 200 : 401,
        known ? Json.object().put("token", jwt(claims)) : Json.object().put("message", "no"));
  }

  private void google(HttpExchange exchange) throws IOException {
    boolean meant = "Google".equals(exchange.getRequestHeaders().getFirst("Metadata-Flavor"));
    ObjectNode claims = Json.object().put("iss", "i").put("sub", "g").put("exp", 4_000_000_000L);
    claims.put("aud", form(exchange.getRequestURI().getRawQuery()).get("audience"));
    if (!fault.equals("no-flavor")) {
      exchange.getResponseHeaders().add("Metadata-Flavor", "Google");
    }
    bytes(exchange, meant ? 200 : 403, jwt(claims));
  }

  private static String jwt(ObjectNode claims) {
    return FakeSigstore.jwt(new String(Json.write(claims), StandardCharsets.UTF_8));
  }

  private static String text(HttpExchange exchange) throws IOException {
    return new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
  }

  static Map<String, String> form(String encoded) {
    Map<String, String> all = new HashMap<>();
    for (String pair : encoded.split("&")) {
      String[] two = pair.split("=", 2);
      all.put(two[0], URLDecoder.decode(two[1], StandardCharsets.UTF_8));
    }
    return all;
  }

  private static void answer(HttpExchange exchange, int status, ObjectNode body)
      throws IOException {
    bytes(exchange, status, new String(Json.write(body), StandardCharsets.UTF_8));
  }

  private static void bytes(HttpExchange exchange, int status, String body) throws IOException {
    try (exchange) {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(status, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
