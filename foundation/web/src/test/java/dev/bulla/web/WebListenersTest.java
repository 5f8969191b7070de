package dev.bulla.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.testkit.TestTls;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a server listens, what is spoken there, and how it ends. */
class WebListenersTest extends WebServing {
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
}
