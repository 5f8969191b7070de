package dev.bulla.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.bulla.access.ServerFile;
import dev.bulla.access.ServerToken;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.store.Home;
import dev.bulla.store.HomeLock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a server of the test's own that knows one token. */
class ServerClientTest {
  private final ServerToken token = ServerToken.random(new SecureRandom());
  private HttpServer http;
  private HomeLock lock;
  private HttpContext status;
  private Home home;

  @BeforeEach
  void listen(@TempDir Path temp) throws IOException {
    home = new Home(temp.resolve("home")).create();
    lock = HomeLock.acquire(home);
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    status =
        http.createContext(
            "/v1/status", exchange -> answer(exchange, 200, "{\"background\":true}"));
    http.createContext(
        "/v1/known",
        exchange ->
            answer(
                exchange,
                403,
                "{\"title\":\"policy-refused\",\"detail\":\"no PASSED\",\"nextStep\":\"Ship"
                    + " again.\"}"));
    http.createContext("/v1/odd", exchange -> answer(exchange, 502, "<html>"));
    http.start();
  }

  @AfterEach
  void close() {
    http.stop(0);
    lock.close();
  }

  @Test
  void homeWithoutAServerFileHasNoServer() {
    assertThat(ServerClient.connect(home)).isEmpty();
  }

  @Test
  void serverThatDoesNotKnowTheTokenIsNotThisHomes() {
    write(ServerToken.random(new SecureRandom()));

    assertThat(ServerClient.connect(home)).isEmpty();
  }

  @Test
  void fileOfAServerThatIsGoneCountsForNothing() {
    write(token);
    http.stop(0);

    assertThat(ServerClient.connect(home)).isEmpty();
  }

  @Test
  void serverThatIsBusyIsAskedAgainWhileItHoldsItsHome() {
    lock.close();
    AtomicInteger asked = new AtomicInteger();
    CountDownLatch end = new CountDownLatch(1);
    http.removeContext(status);
    http.createContext(
        "/v1/status",
        exchange -> {
          if (asked.incrementAndGet() < 3) {
            awaitUninterruptibly(end);
          }
          answer(exchange, 200, "{}");
        });
    write(token);
    Duration patience = Duration.ofMillis(100);

    assertThat(ServerClient.connect(home, patience)).isEmpty();
    assertThat(asked).as("not again").hasValueLessThan(2);
    lock = HomeLock.acquire(home);
    try (ServerClient client = ServerClient.connect(home, patience).orElseThrow()) {
      assertThat(asked).hasValueGreaterThan(2);
    }
    end.countDown();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void problemOfTheServerComesBackAsTheExceptionThatItWas() {
    write(token);
    try (ServerClient client = ServerClient.connect(home).orElseThrow()) {
      assertThat(client.get("/v1/status").path("background").asBoolean()).isTrue();
      assertThatThrownBy(() -> client.post("/v1/known", Json.object()))
          .isInstanceOfSatisfying(
              BullaException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.POLICY_REFUSED);
                assertThat(e.reason()).isEqualTo("no PASSED");
                assertThat(e.nextStep()).isEqualTo("Ship again.");
              });
    }
  }

  @Test
  void answerThatIsNoProblemDocumentIsAServerOutOfReach() {
    write(token);
    try (ServerClient client = ServerClient.connect(home).orElseThrow()) {
      assertThatThrownBy(() -> client.get("/v1/odd"))
          .isInstanceOfSatisfying(
              BullaException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.SERVER_UNAVAILABLE);
                assertThat(e.reason()).contains("502");
              });
    }
  }

  private void write(ServerToken value) {
    URI address = URI.create("http://127.0.0.1:" + http.getAddress().getPort());
    new ServerFile(address, value, ProcessHandle.current().pid()).write(home.serverFile());
  }

  private void answer(HttpExchange exchange, int status, String body) throws IOException {
    boolean known =
        ("Bearer " + token.reveal()).equals(exchange.getRequestHeaders().getFirst("Authorization"));
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(known ? status : 401, known ? bytes.length : -1);
    if (known) {
      exchange.getResponseBody().write(bytes);
    }
    exchange.close();
  }
}
