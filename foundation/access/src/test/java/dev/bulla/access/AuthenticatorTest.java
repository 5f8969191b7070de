package dev.bulla.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.web.Exposure;
import dev.bulla.web.Listener;
import dev.bulla.web.Route;
import dev.bulla.web.WebServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthenticatorTest {
  private final ServerToken token = ServerToken.random(new SecureRandom());
  private final HttpClient client = HttpClient.newHttpClient();
  private WebServer server;

  @BeforeEach
  void start() {
    Authenticator authenticator = new Authenticator(token);
    server =
        WebServer.builder()
            .listen(Listener.http("127.0.0.1", 0))
            .filter(authenticator)
            .guard(authenticator)
            .routes(
                List.of(
                    Route.get("/guarded", e -> e.send("text/plain", name(Principal.of(e)))),
                    Route.get("/public", e -> e.send("text/plain", name(Principal.of(e))))
                        .exposedTo(Exposure.PUBLIC)))
            .start();
  }

  @AfterEach
  void stop() {
    server.close();
    client.close();
  }

  @Test
  void theTokenOpensGuardedRoutesAsBearerAndAsPassword() throws Exception {
    assertThat(get("/guarded", "Bearer " + token.reveal()).body()).isEqualTo("owner");
    assertThat(get("/guarded", "bearer  " + token.reveal()).body()).isEqualTo("owner");
    assertThat(get("/guarded", basic("anyone:" + token.reveal())).body()).isEqualTo("owner");
    assertThat(get("/metrics", "Bearer " + token.reveal()).statusCode()).isEqualTo(200);
  }

  @Test
  void withoutTheTokenGuardedRoutesAnswer401WithAChallenge() throws Exception {
    HttpResponse<String> answer = get("/guarded", "");

    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("WWW-Authenticate")).isPresent();
    assertThat(get("/metrics", "").statusCode()).isEqualTo(401);
    assertThat(get("/health/ready", "").statusCode()).isEqualTo(200);
    assertThat(get("/public", "").body()).isEqualTo("anonymous");
  }

  @Test
  void aWrongCredentialIsRefusedEvenWhereNoneIsNeeded() throws Exception {
    for (String wrong :
        List.of(
            "Bearer x",
            "Bearer " + "0".repeat(64),
            "Bearer",
            basic("a:b"),
            basic("no colon"),
            "Basic ***",
            "Digest x",
            token.reveal(),
            basic(token.reveal() + ":"))) {
      assertThat(get("/public", wrong).statusCode()).as(wrong).isEqualTo(401);
    }
  }

  @Test
  void theFileIsForItsOwnerOnlyAndReadsBack(@TempDir Path home) throws IOException {
    Path file = home.resolve("server.json");
    assertThat(ServerFile.read(file)).isEmpty();

    new ServerFile(URI.create("http://127.0.0.1:1"), ServerToken.random(new SecureRandom()), 1)
        .write(file);
    new ServerFile(server.address(), token, 42).write(file);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    ServerFile read = ServerFile.read(file).orElseThrow();
    assertThat(read.address()).isEqualTo(server.address());
    assertThat(read.token().matches(token.reveal())).isTrue();
    assertThat(read.processId()).isEqualTo(42);
    assertThat(Files.list(home)).containsExactly(file);
  }

  @Test
  void theTokenIsNeverPrinted() {
    assertThat(token.toString()).doesNotContain(token.reveal());
    assertThat(new ServerFile(server.address(), token, 1).toString())
        .doesNotContain(token.reveal());
    assertThatThrownBy(() -> ServerToken.parse("secret"))
        .isInstanceOf(BullaException.class)
        .hasMessageNotContaining("'secret'");
  }

  private HttpResponse<String> get(String path, String credential) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(server.address().resolve(path));
    if (!credential.isEmpty()) {
      request.header("Authorization", credential);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private static String basic(String pair) {
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] name(Principal principal) {
    return principal.name().getBytes(StandardCharsets.UTF_8);
  }
}
