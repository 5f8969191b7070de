package dev.bulla.signing.tuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpRepositoryTest {
  private HttpServer server;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", HttpRepositoryTest::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      switch (exchange.getRequestURI().getRawPath()) {
        case "/m/1.%3F.json", "/t/a/b%20c" -> {
          exchange.sendResponseHeaders(200, 2);
          exchange.getResponseBody().write(new byte[2]);
        }
        case "/m/endless.json" -> {
          exchange.sendResponseHeaders(200, 0);
          OutputStream out = exchange.getResponseBody();
          for (int i = 0; i < 1 << 20; i++) {
            out.write(new byte[1024]);
          }
        }
        case "/m/moved.json" -> {
          exchange.getResponseHeaders().add("Location", "/m/1.%3F.json");
          exchange.sendResponseHeaders(302, -1);
        }
        case "/m/hidden.json" -> exchange.sendResponseHeaders(403, -1);
        case "/m/broken.json" -> exchange.sendResponseHeaders(503, -1);
        default -> exchange.sendResponseHeaders(404, -1);
      }
    }
  }

  private static void fails(ErrorCode code, ThrowingCallable work) {
    assertThatThrownBy(work)
        .isInstanceOfSatisfying(BullaException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void whatIsThereIsNotThereOrCannotBeHad() {
    URI base = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    try (HttpRepository repository = new HttpRepository(base.resolve("/m"), base.resolve("/t/"))) {
      assertThat(repository.metadata("1.%3F.json", 2))
          .hasValueSatisfying(bytes -> assertThat(bytes).hasSize(2));
      assertThat(repository.target("a/b%20c", 2)).isPresent();
      assertThat(repository.metadata("2.root.json", 2)).isEmpty();
      assertThat(repository.metadata("hidden.json", 2)).isEmpty();
      fails(ErrorCode.INPUT_TOO_LARGE, () -> repository.metadata("1.%3F.json", 1));
      fails(ErrorCode.INPUT_TOO_LARGE, () -> repository.metadata("endless.json", 100_000));
      fails(ErrorCode.TRUST_REPOSITORY_UNAVAILABLE, () -> repository.metadata("moved.json", 9));
      fails(ErrorCode.TRUST_REPOSITORY_UNAVAILABLE, () -> repository.metadata("broken.json", 9));
      server.stop(0);
      fails(ErrorCode.TRUST_REPOSITORY_UNAVAILABLE, () -> repository.metadata("x.json", 9));
    }
    fails(ErrorCode.USAGE, () -> TrustSource.of(URI.create("ftp://example.test/tuf")).open());
  }
}
