package dev.bulla.signing.revocation;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpRevocationTest {
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch done = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer server;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/list", exchange -> answer(exchange, 200, new byte[] {1, 2, 3}));
    server.createContext("/long", exchange -> answer(exchange, 200, new byte[20 * 1024 + 1]));
    server.createContext("/ocsp", exchange -> answer(exchange, 200, new byte[] {4}));
    server.createContext("/silent", this::wait);
    server.createContext("/dripping", this::drip);
    server.start();
  }

  @AfterEach
  void stop() {
    done.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void aListIsFetched() {
    assertThat(patient().lists(at("/list"))).containsExactly(new byte[] {1, 2, 3});
    assertThat(asked).containsExactly("GET /list");
  }

  @Test
  void whatIsNotThereIsNoAnswer() throws IOException {
    assertThat(patient().lists(at("/none"))).isEmpty();
    int closed = server.getAddress().getPort();
    server.stop(0);
    assertThat(patient().lists(URI.create("http://127.0.0.1:" + closed + "/list"))).isEmpty();
  }

  @Test
  void onlyPlainHttpIsAsked() {
    for (String other : List.of("https", "ldap", "file")) {
      URI address = URI.create(other + "://127.0.0.1:" + server.getAddress().getPort() + "/list");
      assertThat(patient().lists(address)).isEmpty();
      assertThat(patient().responses(address, new byte[] {1})).isEmpty();
    }
    assertThat(asked).isEmpty();
  }

  @Test
  void aShortQuestionIsPartOfTheAddressAndALongOneIsPosted() {
    assertThat(patient().responses(at("/ocsp"), new byte[] {(byte) 0xfb, (byte) 0xff}))
        .containsExactly(new byte[] {4});
    assertThat(patient().responses(at("/ocsp/"), new byte[300])).containsExactly(new byte[] {4});
    assertThat(asked).containsExactly("GET /ocsp/%2B%2F8%3D", "POST /ocsp/");
  }

  @Test
  void anAnswerThatIsTooLongIsNone() {
    assertThat(patient().responses(at("/long"), new byte[] {1})).isEmpty();
    assertThat(patient().lists(at("/long"))).hasSize(1);
  }

  @Test
  void aResponderThatKeepsOneWaitingIsGivenUp() {
    for (String slow : List.of("/silent", "/dripping")) {
      HttpRevocation impatient = new HttpRevocation(Duration.ofMillis(200));
      assertThat(impatient.responses(at(slow), new byte[] {1})).isEmpty();
    }
  }

  private static HttpRevocation patient() {
    return new HttpRevocation(Duration.ofMinutes(1));
  }

  private URI at(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  private void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
    exchange.getRequestBody().readAllBytes();
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private void wait(HttpExchange exchange) throws IOException {
    await();
    exchange.close();
  }

  /** The head and the first byte of an answer, and then nothing. */
  private void drip(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 10);
    exchange.getResponseBody().write(1);
    exchange.getResponseBody().flush();
    await();
    exchange.close();
  }

  private void await() {
    try {
      done.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
