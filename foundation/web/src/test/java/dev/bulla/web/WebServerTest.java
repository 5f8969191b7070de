package dev.bulla.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.testkit.TestTls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebServerTest {
  private static final long LARGE = 64L * 1024 * 1024;

  private final HttpClient client = HttpClient.newHttpClient();
  private WebServer server;

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
    client.close();
  }

  @Test
  void readsParametersOfOneAndOfManySegments() throws Exception {
    start(
        open(
            Route.get(
                "/v2/<name>/blobs/{digest}",
                e ->
                    e.send(
                        "text/plain", utf8(e.pathParam("name") + " " + e.pathParam("digest"))))));

    assertThat(get("/v2/a/blobs/b/blobs/sha256:12").body()).isEqualTo("a/blobs/b sha256:12");
    assertThat(get("/v2/a/blobs/sha256%3A12").body()).isEqualTo("a sha256:12");
  }

  @Test
  void headHasTheHeadersOfGetAndNoBody() throws Exception {
    start(
        open(
            Route.get(
                "/x",
                e -> e.setHeader("ETag", "\"1\"").send("application/vnd.x+json", utf8("body")))));

    HttpResponse<String> got = get("/x");
    HttpResponse<String> head = exchange(request("/x").method("HEAD", BodyPublishers.noBody()));

    assertThat(head.body()).isEmpty();
    for (String name : List.of("content-length", "content-type", "etag")) {
      assertThat(head.headers().firstValue(name))
          .as(name)
          .isEqualTo(got.headers().firstValue(name));
    }
    assertThat(head.headers().firstValue("content-type")).contains("application/vnd.x+json");
  }

  @Test
  void writesProblemDetailsAndForgetsWhatTheHandlerHadSet() throws Exception {
    start(
        open(
            Route.get(
                "/x",
                e -> {
                  e.status(201).setHeader("X-Half", "done");
                  throw new BullaException(ErrorCode.BLOB_NOT_FOUND, "no blob", "Push it.");
                })));

    HttpResponse<String> got = get("/x");

    assertThat(got.statusCode()).isEqualTo(404);
    assertThat(got.headers().firstValue("content-type")).contains("application/problem+json");
    assertThat(got.headers().firstValue("x-half")).isEmpty();
    assertThat(got.body())
        .isEqualTo(
            "{\"type\":\"docs/errors/blob-not-found.md\",\"title\":\"blob-not-found\",\"status\":404,\"detail\":\"no"
                + " blob\",\"nextStep\":\"Push it.\"}");
  }

  @Test
  void whatIsAwaySaysWhenToComeAgain() throws Exception {
    start(
        open(
            Route.get(
                "/x",
                e -> {
                  throw new BullaException(ErrorCode.RECORDS_UNAVAILABLE, "away");
                })));

    HttpResponse<String> got = get("/x");
    assertThat(got.statusCode()).isEqualTo(503);
    assertThat(got.headers().firstValue("Retry-After")).contains("5");
  }

  @Test
  void anUnexpectedFailureSaysNothingAboutTheInside() throws Exception {
    start(
        open(
            Route.get(
                "/x",
                e -> {
                  throw new IllegalStateException("secret path /var/x");
                })));

    assertThat(get("/x").statusCode()).isEqualTo(500);
    assertThat(get("/x").body()).contains("internal").doesNotContain("secret");
  }

  @Test
  void aPrefixHasItsOwnErrorForm() throws Exception {
    server =
        builder(open(Route.get("/v2/x", e -> e.send())))
            .errors(
                "/v2/",
                (e, problem) -> e.status(418).send("text/plain", utf8("own " + problem.code())))
            .start();

    assertThat(get("/v2/nothing").body()).isEqualTo("own ROUTE_NOT_FOUND");
    assertThat(get("/nothing").statusCode()).isEqualTo(404);
    assertThat(get("/nothing").body()).contains("route-not-found");
  }

  @Test
  void anotherMethodOnAServedPathIs405() throws Exception {
    start(open(Route.get("/x", e -> e.send())));

    assertThat(exchange(request("/x").DELETE()).statusCode()).isEqualTo(405);
    assertThat(exchange(request("/x").method("BREW", BodyPublishers.noBody())).statusCode())
        .isEqualTo(405);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /%c3%28 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /a%00b HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
      })
  void whatIsNoRequestGetsProblemDetailsToo(String request) throws Exception {
    start();

    assertThat(raw(request))
        .startsWith("HTTP/1.1 400")
        .contains("application/problem+json", "\"title\":\"request-invalid\"")
        .doesNotContain("html", "Exception");
  }

  @Test
  void guardedRoutesAreClosedWithoutAGuard() throws Exception {
    AtomicBoolean reached = new AtomicBoolean();
    start(Route.get("/x", e -> reached.set(true)));

    assertThat(get("/x").statusCode()).isEqualTo(403);
    assertThat(get("/metrics").statusCode()).isEqualTo(403);
    assertThat(reached).isFalse();
  }

  @Test
  void refusesForeignHostAndOrigin() throws Exception {
    start(open(Route.post("/x", e -> e.send())));
    int port = server.address().getPort();

    assertThat(
            raw("POST /x HTTP/1.1\r\nHost: evil.example:" + port + "\r\nContent-Length: 0\r\n\r\n"))
        .startsWith("HTTP/1.1 403")
        .contains("access-denied");
    assertThat(raw("POST /x HTTP/1.1\r\nHost: localhost:" + port + "\r\nContent-Length: 0\r\n\r\n"))
        .startsWith("HTTP/1.1 200");
    assertThat(raw("POST /x HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 0\r\n\r\n"))
        .startsWith("HTTP/1.1 200");
    assertThat(post("/x", "http://evil.example")).isEqualTo(403);
    assertThat(post("/x", "null")).isEqualTo(403);
    assertThat(post("/x", "http://127.0.0.1:1")).isEqualTo(403);
    assertThat(post("/x", "http://127.0.0.1:" + port)).isEqualTo(200);
  }

  @Test
  void filtersMayRefuseAndAttach() throws Exception {
    server =
        builder(
                open(
                    Route.get(
                        "/x",
                        e -> e.send("text/plain", utf8(e.attribute(String.class).orElse("none"))))))
            .filter(e -> e.query("who").ifPresent(who -> e.attribute(String.class, who)))
            .filter(e -> {
              if (e.query("bad").isPresent()) {
                throw new BullaException(ErrorCode.ACCESS_UNAUTHENTICATED, "no");
              }
            })
            .start();

    assertThat(get("/x?who=me").body()).isEqualTo("me");
    assertThat(get("/x").body()).isEqualTo("none");
    assertThat(get("/x?bad").statusCode()).isEqualTo(401);
  }

  @Test
  void streamsLargeBodiesBothWays() throws Exception {
    start(
        open(
            Route.put(
                "/x",
                e -> {
                  long n = e.body().transferTo(OutputStream.nullOutputStream());
                  e.send("text/plain", utf8(Long.toString(n)));
                })),
        open(
            Route.get(
                "/x",
                e ->
                    e.send(
                        "application/octet-stream",
                        LARGE,
                        Channels.newChannel(new Zeros(LARGE))))));

    HttpResponse<String> put =
        exchange(request("/x").PUT(BodyPublishers.ofInputStream(() -> new Zeros(LARGE))));
    HttpResponse<InputStream> got =
        client.send(request("/x").build(), BodyHandlers.ofInputStream());

    assertThat(put.body()).isEqualTo(Long.toString(LARGE));
    assertThat(got.headers().firstValueAsLong("content-length")).hasValue(LARGE);
    assertThat(got.body().transferTo(OutputStream.nullOutputStream())).isEqualTo(LARGE);
  }

  @Test
  void contentThatEndsEarlyCutsTheConnection() {
    start(
        open(
            Route.get(
                "/x",
                e -> e.send("text/plain", 1_000_000, Channels.newChannel(new Zeros(500_000))))));

    assertThatThrownBy(() -> get("/x")).isInstanceOf(IOException.class);
  }

  @Test
  void refusesABodyLargerThanItReads() throws Exception {
    start(open(Route.put("/x", e -> e.send("text/plain", e.bodyBytes(10)))));

    assertThat(exchange(request("/x").PUT(BodyPublishers.ofString("0123456789"))).body())
        .isEqualTo("0123456789");
    assertThat(exchange(request("/x").PUT(BodyPublishers.ofString("0123456789a"))).statusCode())
        .isEqualTo(413);
    assertThat(
            exchange(
                    request("/x")
                        .PUT(
                            BodyPublishers.ofInputStream(
                                () -> new ByteArrayInputStream(new byte[11]))))
                .statusCode())
        .isEqualTo(413);
  }

  @Test
  void closeLetsARunningRequestEnd() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    start(
        open(
            Route.get(
                "/x",
                e -> {
                  inside.countDown();
                  await(release);
                  e.send("text/plain", utf8("whole"));
                })));

    CompletableFuture<HttpResponse<String>> got =
        client.sendAsync(request("/x").build(), BodyHandlers.ofString());
    inside.await();
    Thread closing = Thread.ofVirtual().start(server::close);
    Thread.sleep(100);
    assertThat(closing.isAlive()).isTrue();
    release.countDown();

    assertThat(got.get().body()).isEqualTo("whole");
    closing.join();
  }

  @Test
  void closeWaitsForNoSilentClientAndForNoHandlerForEver() throws Exception {
    CountDownLatch inside = new CountDownLatch(2);
    CountDownLatch never = new CountDownLatch(1);
    CountDownLatch cut = new CountDownLatch(1);
    server =
        WebServer.builder()
            .listen(Listener.http("127.0.0.1", 0))
            .stopTimeout(Duration.ofMillis(600))
            .routes(
                List.of(
                    open(
                        Route.post(
                            "/read",
                            e -> {
                              inside.countDown();
                              try {
                                e.body().readAllBytes();
                              } catch (IOException broken) {
                                cut.countDown();
                                throw broken;
                              }
                            })),
                    open(
                        Route.post(
                            "/stuck",
                            e -> {
                              inside.countDown();
                              await(never);
                            }))))
            .start();
    try (Socket silent = new Socket("127.0.0.1", server.address().getPort());
        Socket stuck = new Socket("127.0.0.1", server.address().getPort())) {
      String head = "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n1234";
      silent.getOutputStream().write(utf8(head.formatted("/read")));
      stuck.getOutputStream().write(utf8(head.formatted("/stuck")));
      inside.await();

      long begun = System.nanoTime();
      Thread closing = Thread.ofVirtual().start(server::close);
      assertThat(cut.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(closing.join(Duration.ofSeconds(10))).isTrue();
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
    } finally {
      never.countDown();
    }
  }

  @Test
  void anOccupiedPortIsNamed() {
    start(open(Route.get("/x", e -> e.send())));
    int port = server.address().getPort();

    assertThatThrownBy(() ->
            WebServer.builder()
                .listen(Listener.http("127.0.0.1", 0))
                .listen(Listener.http("127.0.0.1", port))
                .start())
        .isInstanceOfSatisfying(
            BullaException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.PORT_IN_USE);
              assertThat(e.reason()).contains(":" + port);
            });
  }

  @Test
  void listensAtSeveralAddresses() throws Exception {
    server =
        WebServer.builder()
            .listen(Listener.parse("http://127.0.0.1:0"))
            .listen(Listener.parse("http://localhost:0/"))
            .start();

    assertThat(server.addresses()).hasSize(2);
    for (URI address : server.addresses()) {
      assertThat(exchange(HttpRequest.newBuilder(address.resolve("/health/live"))).statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void readinessFollowsItsConditions() throws Exception {
    AtomicBoolean ready = new AtomicBoolean();
    server = builder().readyWhen("records", ready::get).start();

    assertThat(get("/health/ready").statusCode()).isEqualTo(503);
    ready.set(true);
    assertThat(get("/health/ready").body())
        .isEqualTo("{\"status\":\"ready\",\"checks\":{\"records\":true}}");
  }

  @Test
  void metricsCountRequestsByRoute() throws Exception {
    server = builder(open(Route.get("/items/{id}", e -> e.send()))).guard(e -> {}).start();
    get("/items/1");
    get("/items/2");

    assertThat(get("/metrics").body())
        .contains(
            "http_server_requests_seconds_count{method=\"GET\",route=\"/items/{id}\",status=\"200\"}"
                + " 2")
        .contains("jvm_memory_used_bytes");
  }

  private void start(Route... routes) {
    server = builder(routes).start();
  }

  private static WebServer.Builder builder(Route... routes) {
    return WebServer.builder().listen(Listener.http("127.0.0.1", 0)).routes(List.of(routes));
  }

  private static Route open(Route route) {
    return route.exposedTo(Exposure.PUBLIC);
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(server.address().resolve(path));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return exchange(request(path));
  }

  private HttpResponse<String> exchange(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private int post(String path, String origin) throws Exception {
    return exchange(request(path).header("Origin", origin).POST(BodyPublishers.noBody()))
        .statusCode();
  }

  private String raw(String request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", server.address().getPort())) {
      socket
          .getOutputStream()
          .write(utf8(request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aRefusalTakesInASmallBodySoThatTheConnectionGoesOn() throws Exception {
    CountDownLatch refused = new CountDownLatch(1);
    start(open(Route.post("/x", e -> refuse(refused))));

    try (Socket socket = new Socket("127.0.0.1", server.address().getPort())) {
      OutputStream out = socket.getOutputStream();
      out.write(utf8("POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\n\r\n"));
      await(refused);
      out.write(utf8("body"));
      out.write(
          utf8(
              "POST /x HTTP/1.1\r\n"
                  + "Host: 127.0.0.1\r\n"
                  + "Connection: close\r\n"
                  + "Content-Length: 0\r\n\r\n"));
      String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answers.split("HTTP/1.1 400", -1)).hasSize(3);
    }
  }

  @Test
  void aRefusalOfALargeBodySaysThatTheConnectionEnds() throws Exception {
    start(open(Route.post("/x", e -> refuse(new CountDownLatch(1)))));

    try (Socket socket = new Socket("127.0.0.1", server.address().getPort())) {
      String head = "POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + LARGE + "\r\n\r\n";
      socket.getOutputStream().write(utf8(head));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(answer).startsWith("HTTP/1.1 400").containsIgnoringCase("Connection: close");
    }
  }

  @Test
  void oneServerSpeaksHttpsAndPlainHttp(@TempDir Path keys) throws Exception {
    TestTls tls = TestTls.create(keys);
    server =
        WebServer.builder()
            .tls(tls.server())
            .listen(new Listener(true, "127.0.0.1", 0))
            .listen(Listener.http("127.0.0.1", 0))
            .routes(List.of(open(Route.get("/x", e -> e.send("text/plain", utf8(e.origin()))))))
            .start();

    try (HttpClient trusting = HttpClient.newBuilder().sslContext(tls.client()).build()) {
      for (URI address : server.addresses()) {
        HttpRequest request = HttpRequest.newBuilder(address.resolve("/x")).build();
        assertThat(trusting.send(request, BodyHandlers.ofString()).body())
            .isEqualTo(address.toString());
      }
    }
    assertThat(server.addresses()).extracting(URI::getScheme).containsExactly("https", "http");
  }

  @Test
  void http2IsSpokenOverTlsWithLargeBodiesBothWays(@TempDir Path keys) throws Exception {
    TestTls tls = TestTls.create(keys);
    server =
        WebServer.builder()
            .tls(tls.server())
            .listen(new Listener(true, "127.0.0.1", 0))
            .routes(
                List.of(
                    open(
                        Route.put(
                            "/x",
                            e -> {
                              long n = e.body().transferTo(OutputStream.nullOutputStream());
                              e.send("text/plain", utf8(n + " " + e.origin()));
                            })),
                    open(
                        Route.get(
                            "/x",
                            e ->
                                e.send(
                                    "application/octet-stream",
                                    LARGE / 8,
                                    Channels.newChannel(new Zeros(LARGE / 8))))),
                    open(
                        Route.get(
                            "/cut",
                            e ->
                                e.send(
                                    "text/plain",
                                    100_000,
                                    Channels.newChannel(new Zeros(50_000)))))))
            .start();

    try (HttpClient trusting = HttpClient.newBuilder().sslContext(tls.client()).build()) {
      HttpRequest put =
          request("/x").PUT(BodyPublishers.ofInputStream(() -> new Zeros(LARGE / 8))).build();
      HttpResponse<String> answer = trusting.send(put, BodyHandlers.ofString());
      assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(answer.body()).isEqualTo(LARGE / 8 + " " + server.address());
      HttpResponse<byte[]> got = trusting.send(request("/x").build(), BodyHandlers.ofByteArray());
      assertThat(got.body()).hasSize((int) (LARGE / 8));
      assertThatThrownBy(() -> trusting.send(request("/cut").build(), BodyHandlers.ofByteArray()))
          .isInstanceOf(IOException.class);
      assertThat(trusting.send(request("/none").build(), BodyHandlers.ofString()).statusCode())
          .isEqualTo(404);
      HttpRequest awaited =
          request("/none").expectContinue(true).PUT(BodyPublishers.ofString("body")).build();
      assertThat(trusting.send(awaited, BodyHandlers.ofString()).statusCode()).isEqualTo(404);
      HttpRequest old = request("/x").version(HttpClient.Version.HTTP_1_1).build();
      assertThat(trusting.send(old, BodyHandlers.discarding()).version())
          .isEqualTo(HttpClient.Version.HTTP_1_1);
    }
  }

  @Test
  void whoNeverComesToTheEndOfAHeadIsCutOff() throws Exception {
    server =
        builder(open(Route.get("/x", e -> e.send()))).headTimeout(Duration.ofMillis(150)).start();

    try (Socket slow = new Socket("127.0.0.1", server.address().getPort());
        Socket idle = new Socket("127.0.0.1", server.address().getPort())) {
      slow.getOutputStream().write(utf8("GET /x HTTP/1.1\r\nHost: local"));
      assertThat(slow.getInputStream().read()).isEqualTo(-1);
      String request = "GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      idle.getOutputStream().write(utf8(request));
      assertThat(new String(idle.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void aBodyMustKeepComing() throws Exception {
    AtomicLong now = new AtomicLong();
    PacedBody body = new PacedBody(new Zeros(1_000_000), now::get);
    body.readNBytes(10);
    now.set(Duration.ofSeconds(PacedBody.GRACE_SECONDS).toNanos());
    body.readNBytes(10);
    now.set(Duration.ofSeconds(PacedBody.GRACE_SECONDS + 1).toNanos());
    assertThatThrownBy(() -> body.readNBytes(10)).isInstanceOf(IOException.class);
    PacedBody steady = new PacedBody(new Zeros(1_000_000), now::get);
    steady.readNBytes(100_000);
    now.addAndGet(Duration.ofSeconds(300).toNanos());
    steady.readNBytes(10);
  }

  private static void refuse(CountDownLatch refused) {
    refused.countDown();
    throw new BullaException(ErrorCode.REQUEST_INVALID, "no");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** So many zero bytes. */
  private static final class Zeros extends InputStream {
    private long left;

    Zeros(long count) {
      this.left = count;
    }

    @Override
    public int read() {
      return left-- > 0 ? 0 : -1;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      if (left <= 0) {
        return -1;
      }
      int n = (int) Math.min(length, left);
      left -= n;
      return n;
    }
  }
}
