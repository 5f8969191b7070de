package dev.bulla.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.access.ServerFile;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.store.Home;
import dev.bulla.store.HomeLock;
import dev.bulla.web.Listener;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One server with two listeners, and what it says to whom. */
class BullaServerTest {
  private static final Listener ANY_PORT = Listener.http("127.0.0.1", 0);

  @TempDir static Path temp;
  private static Home home;
  private static BullaServer server;
  private static Client anonymous;
  private static Client owner;

  @BeforeAll
  static void start() {
    home = new Home(temp.resolve("home"));
    server = start(home, List.of(ANY_PORT, Listener.http("localhost", 0)));
    anonymous = Client.anonymous(server.addresses().getFirst());
    owner = anonymous.with("Bearer " + token(home));
  }

  @AfterAll
  static void close() {
    server.close();
    assertThat(home.serverFile()).doesNotExist();
    assertThat(HomeLock.isHeld(home)).isFalse();
    anonymous.http().close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/health/live", "/health/ready"})
  void healthNeedsNoCredential(String path) {
    assertThat(anonymous.get(path).status()).isEqualTo(200);
  }

  @Test
  void metricsAreInPrometheusFormatForTheOwner() {
    anonymous.get("/v2/");

    Client.Answer metrics = owner.get("/metrics");

    assertThat(metrics.status()).isEqualTo(200);
    assertThat(metrics.header("Content-Type")).startsWith("text/plain");
    assertThat(metrics.body()).contains("# TYPE ");
    assertThat(anonymous.get("/metrics").status()).isEqualTo(401);
  }

  @Test
  void statusTellsTheOwnerWhoServesWhat() {
    var status = owner.get("/v1/status").json();

    assertThat(status.path("home").asString()).isEqualTo(home.directory().toString());
    assertThat(status.path("process").asLong()).isEqualTo(ProcessHandle.current().pid());
    assertThat(status.path("background").asBoolean(true)).isFalse();
    assertThat(status.path("uptimeSeconds").isIntegralNumber()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v1/status",
    "GET, /v1/ask/releases",
    "POST, /v1/releases",
    "POST, /v1/verdicts",
    "POST, /v1/advisories",
    "POST, /v1/stop"
  })
  void nativeApiIsForTheOwnerOnly(String method, String path) {
    Client.Answer answer = anonymous.send(method, path, "application/json", new byte[0]);

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer");
    assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.json().path("title").asString()).isEqualTo("access-unauthenticated");
    assertThat(answer.json().path("nextStep").asString()).contains("server.json");
  }

  @Test
  void tokenMayComeAsThePasswordOfAnyUser() {
    String pair = "anybody:" + token(home);
    String basic = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));

    assertThat(anonymous.with("Basic " + basic).get("/v1/status").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Bearer wrong", "Basic !", "Basic dXNlcjp3cm9uZw==", "Digest x", "Bearer"})
  void wrongCredentialIsRefusedEvenWhereNoneIsNeeded(String credential) {
    assertThat(anonymous.with(credential).get("/v2/").status()).isEqualTo(401);
    assertThat(anonymous.with(credential).get("/v1/status").status()).isEqualTo(401);
  }

  @Test
  void whatHappensCanBeReadAgainFromAnyPointOn() {
    long before = owner.get("/v1/registry/events?limit=1000").json().path("last").asLong();
    owner.post("/v1/access/robots", "{\"name\":\"told\",\"grants\":[\"told/*=AcrPull\"]}");
    owner.post("/v1/access/robots/remove", "{\"name\":\"told\"}");

    var all = owner.get("/v1/registry/events?wait=5&after=" + before).json();
    var events = all.path("events");
    assertThat(events.size()).isEqualTo(2);
    assertThat(events.get(0).path("type").asString()).isEqualTo("dev.bulla.access.robot.added");
    assertThat(events.get(1).path("type").asString()).isEqualTo("dev.bulla.access.robot.removed");
    assertThat(events.get(0).path("subject").asString()).isEqualTo("told");
    var rest = owner.get("/v1/registry/events?after=" + events.get(0).path("id").asString()).json();
    assertThat(rest.path("events")).hasSize(1).first().isEqualTo(events.get(1));
    assertThat(rest.path("last")).isEqualTo(all.path("last"));
    assertThat(owner.get("/v1/registry/events?after=x").status()).isEqualTo(400);
    assertThat(owner.get("/v1/registry/events?limit=1001").status()).isEqualTo(400);
    assertThat(anonymous.get("/v1/registry/events").status()).isEqualTo(401);
  }

  @Test
  void registryIsOpenToThisMachineAndTheSameAtEveryListener() {
    Client other = anonymous.at(server.addresses().get(1));
    byte[] bytes = "a blob".getBytes(StandardCharsets.UTF_8);

    Digest digest = anonymous.pushBlob("open/project", bytes);

    String path = "/v2/open/project/blobs/" + digest;
    assertThat(server.addresses()).hasSize(2).doesNotHaveDuplicates();
    assertThat(other.get(path).response().body()).isEqualTo(bytes);
    assertThat(other.send("DELETE", path, "", new byte[0]).status()).isEqualTo(202);
    assertThat(anonymous.get(path).status()).isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({
    "Host: evil.example, 403",
    "Host: localhost, 200",
    "Host: 127.0.0.1:1, 200",
    "'Host: localhost\r\nOrigin: http://evil.example', 403"
  })
  void webPageThatRebindsItsNameIsRefused(String headers, int status) throws IOException {
    assertThat(raw("GET /v2/ HTTP/1.1\r\n" + headers + "\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 " + status);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "POST | /v1/releases                   | {                              | 400 |"
            + " json-malformed",
        "POST | /v1/releases                   | {\"reference\":\"a\",\"digest\":1} | 400 |"
            + " field-invalid",
        "POST | /v1/releases                   | {\"refrence\":\"a\"}              | 400 |"
            + " field-unknown",
        "POST | /v1/releases                   |"
            + " {\"reference\":\"127.0.0.1:1/a:1\",\"digest\":\"sha256:12\",\"decision\":\"PASSED\"}"
            + " | 400 | digest-invalid",
        "POST | /v1/verdicts                   | {}                             | 400 |"
            + " field-invalid",
        "POST | /v1/advisories                 | {\"paths\":[\"/nowhere/at/all\"]}  | 400 |"
            + " file-not-found",
        "POST | /v1/registry/bind |"
            + " {\"glob\":\"a\",\"mode\":\"enforce\",\"trust\":\"{}\",\"dryRun\":\"true\"} | 400 |"
            + " field-invalid",
        "POST | /v1/registry/bind | {\"glob\":\"a\",\"mode\":\"enforce\",\"trust\":\"[]\"} | 400 |"
            + " field-invalid",
        "GET  | /v1/ask/exposedto?argument=x   |                                | 400 | usage",
        "GET  | /v1/ask/releases?limit=many    |                                | 400 |"
            + " request-invalid",
        "GET  | /v1/ask/releases?limit=0       |                                | 400 | usage",
        "GET  | /v1/nothing                    |                                | 404 |"
            + " route-not-found",
        "GET  | /                              |                                | 404 |"
            + " route-not-found"
      })
  void wrongRequestGetsAProblemWithItsCode(
      String method, String path, String body, int status, String code) {
    byte[] bytes = body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8);

    Client.Answer answer = owner.send(method, path, "application/json", bytes);

    assertThat(answer.body()).contains("\"" + code + "\"");
    assertThat(answer.status()).isEqualTo(status);
  }

  @Test
  void advisoriesAreImportedByTheServerThatHasTheHome() throws IOException {
    Path set = Files.createDirectory(temp.resolve("osv"));
    Files.writeString(
        set.resolve("TEST-1.json"),
        """
        {"id": "TEST-1", "modified": "2026-01-01T00:00:00Z", "affected": [
          {"package": {"ecosystem": "npm", "name": "a"}, "versions": ["1.0.0"]}]}\
        """);

    var imported = AdvisoryImport.into(home, List.of(set));

    assertThat(imported.path("records").asInt()).isEqualTo(1);
    assertThat(imported.path("newest").asString()).isEqualTo("2026-01-01T00:00:00Z");
    assertThat(HomeLock.isHeld(home)).as("the server still has the home").isTrue();
  }

  @Test
  void serverFileIsForItsOwnerOnly() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.serverFile())))
        .isEqualTo("rw-------");
  }

  @Test
  void secondServerOnTheSameHomeIsRefusedAndDisturbsNothing() {
    assertRefused(ErrorCode.HOME_LOCKED, () -> start(home, List.of(ANY_PORT)));

    assertThat(owner.get("/v1/status").status()).isEqualTo(200);
  }

  @Test
  void serverThatCannotStartLeavesNothingOpen() throws IOException {
    Home other = new Home(temp.resolve("other"));
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Listener listener = Listener.http("127.0.0.1", taken.getLocalPort());
      assertRefused(ErrorCode.PORT_IN_USE, () -> start(other, List.of(ANY_PORT, listener)));
    }
    assertThat(HomeLock.isHeld(other)).isFalse();
    assertThat(other.serverFile()).doesNotExist();
    start(other, List.of(ANY_PORT)).close();
  }

  @Test
  void homeKeepsItsPortAndMovesOnWhenItIsTaken() throws IOException {
    Home other = new Home(temp.resolve("stable")).create();
    // far from the ports that the system gives out, and from the usual one of other servers
    Files.writeString(other.port(), 10_000 + new SecureRandom().nextInt(20_000) + "\n");
    int port;
    try (BullaServer first = start(other, List.of())) {
      port = first.addresses().getFirst().getPort();
    }
    try (BullaServer again = start(other, List.of())) {
      assertThat(again.addresses()).containsExactly(URI.create("http://127.0.0.1:" + port));
      assertThat(again.notes()).isEmpty();
    }
    try (ServerSocket taken = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
        BullaServer moved = start(other, List.of())) {
      int next = moved.addresses().getFirst().getPort();
      assertThat(next).isNotEqualTo(taken.getLocalPort());
      assertThat(moved.notes())
          .containsExactly("port %d is taken; serving at port %d".formatted(port, next));
    }
  }

  @Test
  void stopRequestAndIdlenessEndTheWait() {
    Home other = new Home(temp.resolve("idle"));
    ServerSettings settings =
        new ServerSettings(other, List.of(ANY_PORT), true, Optional.of(Duration.ofMillis(50)));
    try (BullaServer idle =
        BullaServer.start(settings, InstantSource.system(), new SecureRandom())) {
      idle.awaitStop();
    }
    try (BullaServer asked = start(other, List.of(ANY_PORT))) {
      Client client = anonymous.at(asked.addresses().getFirst()).with("Bearer " + token(other));
      assertThat(client.post("/v1/stop", "").status()).isEqualTo(202);
      asked.awaitStop();
    }
  }

  private static BullaServer start(Home where, List<Listener> listeners) {
    ServerSettings settings = new ServerSettings(where, listeners, false, Optional.empty());
    return BullaServer.start(settings, InstantSource.system(), new SecureRandom());
  }

  private static String token(Home of) {
    return ServerFile.read(of.serverFile()).orElseThrow().token().reveal();
  }

  static String basic(String name, String password) {
    byte[] pair = (name + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  private static String raw(String request) throws IOException {
    return raw(server.addresses().getFirst(), request);
  }

  static String raw(URI address, String request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", address.getPort());
        OutputStream out = socket.getOutputStream();
        InputStream in = socket.getInputStream()) {
      out.write(request.getBytes(StandardCharsets.US_ASCII));
      out.flush();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void assertRefused(
      ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable work) {
    assertThatThrownBy(work)
        .isInstanceOfSatisfying(BullaException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
