package dev.bulla.pipeline;

import dev.bulla.access.ServerFile;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.keys.LocalTls;
import dev.bulla.store.Home;
import dev.bulla.store.HomeLock;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Speaks the native API of the server that has a home. Thread-safe; close it, an open client delays
 * the JVM's exit.
 */
public final class ServerClient implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** A server that does not come to answer, but holds its home, is asked again for so long. */
  private static final Duration BUSY = Duration.ofSeconds(30);

  private static final Duration WORK = Duration.ofMinutes(5);

  private final ServerFile server;
  private final String authorization;
  private final HttpClient http;

  private ServerClient(ServerFile server, Home home) {
    this.server = server;
    this.authorization = "Bearer " + server.token().reveal();
    HttpClient.Builder builder =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE);
    if (server.address().getScheme().equals("https")) {
      LocalTls.client(home.tls()).ifPresent(builder::sslContext);
    }
    this.http = builder.build();
  }

  private ServerClient(ServerClient other, String authorization) {
    this.server = other.server;
    this.http = other.http;
    this.authorization = authorization;
  }

  /** The same connections, asking as a robot. */
  public ServerClient as(String robot, String secret) {
    String pair = robot + ":" + secret;
    return new ServerClient(
        this, "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * The server of {@code home}, if one answers that is really this home's.
   *
   * @throws BullaException {@code CONFIGURATION_INVALID} if a server runs but its file cannot be
   *     read
   */
  public static Optional<ServerClient> connect(Home home) {
    return connect(home, PATIENCE);
  }

  /** The same; {@code patience} is that with one attempt. */
  static Optional<ServerClient> connect(Home home, Duration patience) {
    Optional<ServerFile> file = serverFile(home);
    if (file.isEmpty() || isRefused(file.get().address())) {
      return Optional.empty();
    }
    ServerClient client = new ServerClient(file.get(), home);
    if (client.answers(home, patience)) {
      return Optional.of(client);
    }
    client.close();
    return Optional.empty();
  }

  /** What a crash left behind in a home that nobody serves counts for nothing. */
  private static Optional<ServerFile> serverFile(Home home) {
    if (!Files.exists(home.serverFile())) {
      return Optional.empty();
    }
    try {
      return ServerFile.read(home.serverFile());
    } catch (BullaException e) {
      if (HomeLock.isHeld(home)) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /** Asked without a client, because making one takes a third of a server's start. */
  private static boolean isRefused(URI address) {
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(address.getHost(), address.getPort()), (int) PATIENCE.toMillis());
      return false;
    } catch (ConnectException e) {
      return true;
    } catch (IOException e) {
      return false; // the client finds out
    }
  }

  public URI address() {
    return server.address();
  }

  public long pid() {
    return server.processId();
  }

  /**
   * {@code GET path}.
   *
   * @throws BullaException {@code SERVER_UNAVAILABLE}, or the code that the server answered with
   */
  public JsonNode get(String path) {
    return call(request(path).GET().timeout(WORK).build());
  }

  /** {@code POST path} with a JSON body. */
  public JsonNode post(String path, JsonNode body) {
    return call(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(Json.write(body)))
            .timeout(WORK)
            .build());
  }

  /** {@code DELETE path}. */
  public JsonNode delete(String path) {
    return call(request(path).DELETE().timeout(WORK).build());
  }

  @Override
  public void close() {
    http.close();
  }

  /** Only the server that wrote the file knows the token: status asks for it. */
  private boolean answers(Home home, Duration patience) {
    long asked = System.nanoTime();
    while (true) {
      try {
        return status(patience) == 200;
      } catch (HttpTimeoutException e) {
        if (System.nanoTime() - asked > BUSY.toNanos() || !HomeLock.isHeld(home)) {
          return false;
        }
      } catch (IOException e) {
        return false;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
  }

  private int status(Duration patience) throws IOException, InterruptedException {
    HttpRequest request = request("/v1/status").timeout(patience).GET().build();
    return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(server.address().resolve(path))
        .header("Authorization", authorization);
  }

  private JsonNode call(HttpRequest request) {
    String what = request.method() + " " + request.uri();
    HttpResponse<byte[]> response;
    try {
      response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.SERVER_UNAVAILABLE,
          "%s: the server does not answer: %s".formatted(what, e),
          "Start it with 'bulla serve', or look at log/server.log in the home.",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BullaException(ErrorCode.SERVER_UNAVAILABLE, what + ": interrupted", e);
    }
    if (response.statusCode() / 100 == 2) {
      return response.body().length == 0 ? Json.object() : Json.parse(response.body(), what);
    }
    throw problem(what, response);
  }

  /** Turns a problem document back into the exception that it was made from. */
  private static BullaException problem(String what, HttpResponse<byte[]> response) {
    ErrorCode code = ErrorCode.SERVER_UNAVAILABLE;
    String detail = "status " + response.statusCode();
    String nextStep = "";
    try {
      if (Json.parse(response.body(), what) instanceof ObjectNode problem) {
        String id = problem.path("title").asString("");
        for (ErrorCode known : ErrorCode.values()) {
          if (known.id().equals(id)) {
            code = known;
          }
        }
        detail = problem.path("detail").asString(detail);
        nextStep = problem.path("nextStep").asString("");
      }
    } catch (BullaException e) {
      detail += " without a problem document";
    }
    return new BullaException(code, detail, nextStep);
  }
}
