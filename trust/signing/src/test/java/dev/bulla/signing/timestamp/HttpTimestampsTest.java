package dev.bulla.signing.timestamp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.signing.notation.NotaryCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpTimestampsTest {
  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final NotaryCertificates AUTHORITY =
      new NotaryCertificates(NOW.minus(Duration.ofDays(1)), NOW.plus(Duration.ofDays(1)));
  private static final byte[] SIGNATURE = {1, 2, 3};

  private HttpServer server;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/stamp", exchange -> answer(exchange, 200, false));
    server.createContext("/created", exchange -> answer(exchange, 201, false));
    server.createContext("/replay", exchange -> answer(exchange, 200, true));
    server.createContext("/broken", exchange -> answer(exchange, 500, false));
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void theTokenIsOverTheSignature() {
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      for (String path : List.of("/stamp", "/created")) {
        Rfc3161Token token = Rfc3161Token.parse(stamp(path, algorithm));
        token.checkOver(SIGNATURE);
        token.checkSignedBy(token.embedded().getFirst());
        assertThat(token.time()).isEqualTo(NOW);
      }
    }
  }

  @Test
  void anAnswerToAnotherQuestionIsRefused() {
    refused("/replay", ErrorCode.TIMESTAMP_INVALID);
  }

  @Test
  void anAuthorityThatDoesNotAnswerIsUnavailable() {
    refused("/broken", ErrorCode.SERVER_UNAVAILABLE);
    refused("/none", ErrorCode.SERVER_UNAVAILABLE);
  }

  @Test
  void onlyAddressesOfTheWebAreTaken() {
    for (String wrong : List.of("file:///etc/passwd", "stamp", "ftp://example.test/")) {
      assertThatThrownBy(() -> new HttpTimestamps(URI.create(wrong), new SecureRandom()))
          .isInstanceOfSatisfying(
              BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE));
    }
  }

  private byte[] stamp(String path, Digest.Algorithm algorithm) {
    URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    return new HttpTimestamps(address, new SecureRandom()).stamp(SIGNATURE, algorithm);
  }

  private void refused(String path, ErrorCode code) {
    assertThatThrownBy(() -> stamp(path, Digest.Algorithm.SHA256))
        .isInstanceOfSatisfying(BullaException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  /**
   * Stamps what was asked; or, as somebody would who has recorded it, what was asked another time.
   */
  private static void answer(HttpExchange exchange, int status, boolean replayed)
      throws IOException {
    try {
      TimeStampRequest question = new TimeStampRequest(exchange.getRequestBody().readAllBytes());
      if (replayed) {
        TimeStampRequestGenerator generator = new TimeStampRequestGenerator();
        generator.setCertReq(true);
        question =
            generator.generate(
                question.getMessageImprintAlgOID(),
                question.getMessageImprintDigest(),
                question.getNonce().add(java.math.BigInteger.ONE));
      }
      byte[] body = AUTHORITY.respond(question, NOW);
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    } finally {
      exchange.close();
    }
  }
}
