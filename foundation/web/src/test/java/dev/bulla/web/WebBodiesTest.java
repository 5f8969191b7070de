package dev.bulla.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Bodies of requests and answers, whole, broken off and slow. */
class WebBodiesTest extends WebServing {
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
  void aBodyOverHttp2ThatEndsBeforeItsLengthEndsTheRequest() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch broken = new CountDownLatch(1);
    start(
        open(
            Route.put(
                "/x",
                e -> {
                  inside.countDown();
                  try {
                    e.body().readAllBytes();
                  } catch (IOException end) {
                    broken.countDown();
                    throw end;
                  }
                })));
    String length = "\0\016content-length\0019";
    String head =
        "\0\7:method\3PUT\0\7:scheme\4http\0\5:path\2/x\0\012:authority\011localhost" + length;
    String frames =
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
            + "\0\0\0\4\0\0\0\0\0" // settings
            + ("\0\0" + (char) head.length() + "\1\4\0\0\0\1" + head); // headers
    String end = "\0\0\0\0\1\0\0\0\1"; // data: none
    try (Socket socket = new Socket("127.0.0.1", server.address().getPort())) {
      socket.getOutputStream().write(frames.getBytes(StandardCharsets.ISO_8859_1));
      inside.await();
      socket.getOutputStream().write(end.getBytes(StandardCharsets.ISO_8859_1));
      assertThat(broken.await(10, TimeUnit.SECONDS)).isTrue();
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
}
