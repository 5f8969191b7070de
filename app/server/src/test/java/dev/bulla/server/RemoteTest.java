package dev.bulla.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.access.ServerFile;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.json.Json;
import dev.bulla.keys.LocalTls;
import dev.bulla.store.Home;
import dev.bulla.store.StoreLocations;
import dev.bulla.testkit.FakeIssuer;
import dev.bulla.web.Listener;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/**
 * A server that other machines can reach: what they may do without a credential, and with one. They
 * are played by callers of a loopback listener that is declared to lead outward.
 */
class RemoteTest {
  @TempDir static Path temp;
  private static Home home;
  private static BullaServer server;
  private static Client here;
  private static Client away;
  private static Client owner;

  @BeforeAll
  static void start() {
    home = new Home(temp.resolve("home"));
    Path given = temp.resolve("given");
    LocalTls.server(given, InstantSource.system(), new SecureRandom());
    PublicFace face =
        new PublicFace(
            Optional.of(given.resolve("server.crt")),
            Optional.of(given.resolve("server.key")),
            Optional.empty(),
            Optional.empty(),
            List.of("registry.example"),
            List.of("127.0.0.1"),
            0,
            0);
    server =
        start(
            List.of(new Listener(true, "127.0.0.1", 0).outward(), Listener.http("127.0.0.1", 0)),
            face);
    HttpClient trusting =
        HttpClient.newBuilder().sslContext(LocalTls.client(given).orElseThrow()).build();
    away = new Client(trusting, server.addresses().get(0), Optional.empty());
    here = Client.anonymous(server.addresses().get(1));
    owner =
        away.with("Bearer " + ServerFile.read(home.serverFile()).orElseThrow().token().reveal());
  }

  @AfterAll
  static void close() {
    server.close();
    here.http().close();
    away.http().close();
  }

  @Test
  void http2IsSpokenToOtherMachinesAndTheRegistryIsTheSameOverIt() {
    byte[] large = new byte[3 * 1024 * 1024];
    Arrays.fill(large, (byte) 'x');
    Digest digest = owner.pushBlob("h2/app", large);

    Client.Answer got = owner.get("/v2/h2/app/blobs/" + digest);

    assertThat(got.response().version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(got.response().body()).isEqualTo(large);
  }

  @Test
  void theServerFileLeadsToTheLoopbackListener() {
    assertThat(ServerFile.read(home.serverFile()).orElseThrow().address())
        .isEqualTo(server.addresses().get(1));
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v2/, 401",
    "GET, /v2/open/app/tags/list, 401",
    "POST, /v2/open/app/blobs/uploads/, 401",
    "GET, /metrics, 401",
    "GET, /v1/status, 401",
    "GET, /token, 200",
    "GET, /health/live, 200",
  })
  void withoutACredentialNothingIsOpenToOtherMachines(String method, String path, int status) {
    assertThat(away.send(method, path, "", new byte[0]).status()).isEqualTo(status);
    assertThat(owner.send(method, path, "", new byte[0]).status()).isNotEqualTo(401);
  }

  @Test
  void everybodyMayPullWhereThatIsEnabledAndDoNothingElse() {
    Digest shared = here.pushBlob("shared/app", "shared".getBytes(StandardCharsets.UTF_8));
    Digest other = here.pushBlob("other/app", "other".getBytes(StandardCharsets.UTF_8));
    String blob = "/v2/shared/app/blobs/" + shared;
    assertThat(away.get(blob).status()).isEqualTo(401);

    owner.post("/v1/registry/project", "{\"name\":\"shared\",\"anonymousPull\":true}");

    assertThat(away.get(blob).body()).isEqualTo("shared");
    String token =
        away.get("/token?scope=repository:shared/app:pull,push").json().path("token").asString("");
    for (Client caller : List.of(away, away.with("Bearer " + token))) {
      assertThat(caller.get(blob).status()).isEqualTo(200);
      assertThat(caller.send("POST", "/v2/shared/app/blobs/uploads/", "", new byte[0]).status())
          .isEqualTo(401);
      assertThat(caller.send("DELETE", blob, "", new byte[0]).status()).isEqualTo(401);
      assertThat(caller.get("/v2/other/app/blobs/" + other).status()).isEqualTo(401);
      assertThat(caller.get("/v2/_catalog").body())
          .isEqualTo("{\"repositories\":[\"shared/app\"]}");
    }
    assertThat(here.get("/v2/_catalog").body()).contains("other/app", "shared/app");
  }

  @Test
  void aRobotElsewhereHasItsGrantsOnlyAndSeesNothingElseInTheCatalog() {
    here.pushBlob("team/app", "team".getBytes(StandardCharsets.UTF_8));
    here.pushBlob("secret/app", "secret".getBytes(StandardCharsets.UTF_8));
    String secret =
        owner
            .post("/v1/access/robots", "{\"name\":\"ci\",\"grants\":[\"team/*=AcrPush\"]}")
            .json()
            .path("secret")
            .asString("");
    Client robot = away.with(BullaServerTest.basic("ci", secret));

    assertThat(robot.send("POST", "/v2/team/app/blobs/uploads/", "", new byte[0]).status())
        .isEqualTo(202);
    assertThat(robot.send("POST", "/v2/open/app/blobs/uploads/", "", new byte[0]).status())
        .isEqualTo(403);
    String pull =
        robot.get("/token?scope=repository:team/app:pull").json().path("token").asString();
    Client.Answer unasked =
        away.with("Bearer " + pull).send("POST", "/v2/team/app/blobs/uploads/", "", new byte[0]);
    assertThat(unasked.status()).as("a token for pulling").isEqualTo(401);
    assertThat(unasked.header("WWW-Authenticate")).contains("repository:team/app:pull,push");
    Client.Answer catalog = robot.get("/v2/_catalog?last=shared/app");
    assertThat(catalog.body()).isEqualTo("{\"repositories\":[\"team/app\"]}");
    Client.Answer page = robot.get("/v2/_catalog?n=1&last=other/app");
    assertThat(page.body() + page.header("Link")).doesNotContain("secret");
    assertThat(robot.get("/metrics").status()).as("known, and not the owner").isEqualTo(403);
    assertThat(robot.get("/v1/status").status()).isEqualTo(403);
  }

  @Test
  void aWorkloadIsKnownByItsIssuersTokenAndTheIssuersKeysMayChange() throws IOException {
    Path tls = temp.resolve("issuer");
    try (FakeIssuer issuer =
        FakeIssuer.start(LocalTls.server(tls, InstantSource.system(), new SecureRandom()))) {
      String authority = Files.readString(LocalTls.authority(tls));
      trust(issuer.url(), authority);
      String claims =
          "{\"iss\":\"%s\",\"sub\":\"w\",\"aud\":\"bulla\",\"exp\":%d,\"repository\":\"acme/app\"}"
              .formatted(issuer.url(), Instant.now().getEpochSecond() + 600);
      String token = issuer.token(claims);
      String upload = "/v2/acme/app/blobs/uploads/";

      assertThat(push(away.with("Bearer " + token), upload)).isEqualTo(202);
      assertThat(push(away.with(BullaServerTest.basic("any", token)), upload)).isEqualTo(202);
      Client.Answer exchanged =
          away.send(
              "POST",
              "/token",
              "application/x-www-form-urlencoded",
              ("grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token="
                      + token
                      + "&scope=repository:acme/app:push")
                  .getBytes(StandardCharsets.UTF_8));
      String own = exchanged.json().path("access_token").asString("");
      assertThat(push(away.with("Bearer " + own), upload)).isEqualTo(202);
      assertThat(push(away.with("Bearer " + own), "/v2/evil/app/blobs/uploads/"))
          .as("another token is needed")
          .isEqualTo(401);
      assertThat(away.with("Bearer " + token).get("/v1/status").status()).isEqualTo(403);
      assertThat(issuer.asked()).as("keys are kept").isEqualTo(1);

      issuer.rotate("made-up");
      for (int i = 0; i < 3; i++) {
        assertThat(push(away.with("Bearer " + issuer.token(claims)), upload)).isEqualTo(401);
      }
      assertThat(issuer.asked()).as("not for each unknown key").isEqualTo(1);
      trust(issuer.url(), authority + "\n");
      assertThat(push(away.with("Bearer " + issuer.token(claims)), upload)).isEqualTo(202);
    }
  }

  private static void trust(String issuer, String authority) {
    ObjectNode trusted = Json.object().put("issuer", issuer).put("audience", "bulla");
    trusted.put("authority", authority);
    assertThat(owner.post("/v1/access/issuers", trusted.toString()).status()).isEqualTo(200);
    String rule =
        "{\"name\":\"acme\",\"source\":\"%s\",\"conditions\":{\"repository\":\"acme/*\"},\"grants\":[\"acme/*=AcrPush\"]}"
            .formatted(issuer);
    assertThat(owner.post("/v1/access/rules", rule).status()).isEqualTo(200);
  }

  private static int push(Client caller, String upload) {
    return caller.send("POST", upload, "", new byte[0]).status();
  }

  /** 127.0.0.1 is a configured proxy here. */
  @Test
  void theWordOfAProxyCountsAndMakesNobodyLocal() throws IOException {
    String head = "GET /v2/x/y/tags/list HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n";

    assertThat(raw(head + "\r\n")).startsWith("HTTP/1.1 404");
    assertThat(raw(head + "X-Forwarded-For: 192.0.2.1\r\n\r\n")).startsWith("HTTP/1.1 401");
    assertThat(raw(head + "X-Forwarded-For: 127.0.0.1\r\n\r\n")).startsWith("HTTP/1.1 401");
    assertThat(raw(head + "X-Forwarded-For: nobody\r\n\r\n")).startsWith("HTTP/1.1 400");
    assertThat(raw(head + "X-Forwarded-Host: evil.example\r\n\r\n")).startsWith("HTTP/1.1 403");
    assertThat(raw(head + "X-Forwarded-Proto: https\r\nX-Forwarded-Host: registry.example\r\n\r\n"))
        .contains("realm=\"https://registry.example/token\"");
  }

  @Test
  void otherMachinesAreNotServedWithoutACertificate() {
    Listener outward = new Listener(true, "127.0.0.1", 0).outward();

    assertThatThrownBy(
            () -> start(new Home(temp.resolve("bare")), List.of(outward), PublicFace.NONE))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.LISTENER_REFUSED));
  }

  @Test
  void oldProtocolsAndCiphersAreNotSpoken() throws IOException {
    URI address = away.address();
    try (SSLSocket socket =
        (SSLSocket)
            away.http()
                .sslContext()
                .getSocketFactory()
                .createSocket("127.0.0.1", address.getPort())) {
      SSLParameters old = socket.getSSLParameters();
      old.setProtocols(new String[] {"TLSv1.2"});
      old.setCipherSuites(new String[] {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"});
      socket.setSSLParameters(old);
      assertThatThrownBy(socket::startHandshake).isInstanceOf(IOException.class);
    }
  }

  private static String raw(String request) throws IOException {
    return BullaServerTest.raw(here.address(), request);
  }

  private static BullaServer start(List<Listener> listeners, PublicFace face) {
    return start(home, listeners, face);
  }

  private static BullaServer start(Home where, List<Listener> listeners, PublicFace face) {
    return BullaServer.start(
        new ServerSettings(
            where, listeners, false, Optional.empty(), Optional.empty(), face, StoreLocations.HOME),
        InstantSource.system(),
        new SecureRandom());
  }
}
