package dev.bulla.web;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies that the kernel sends from a file must be the file's bytes, for every length and peer. */
class FileEndPointTest {
  private static final int SIZE = 9_000_000;

  @TempDir Path directory;
  private final byte[] content = new byte[SIZE];
  private final CountDownLatch failed = new CountDownLatch(1);
  private WebServer server;

  @BeforeEach
  void prepare() throws IOException {
    new Random(7).nextBytes(content);
    start(Duration.ofMinutes(5));
  }

  private void start(Duration idle) throws IOException {
    Path file = Files.write(directory.resolve("content"), content);
    Route part =
        Route.get(
            "/{from}/{length}",
            exchange -> {
              try (FileChannel channel = FileChannel.open(file)) {
                long length = Long.parseLong(exchange.pathParam("length"));
                channel.position(Long.parseLong(exchange.pathParam("from")));
                exchange.send("application/octet-stream", length, channel);
              } catch (IOException e) {
                failed.countDown();
                throw e;
              }
            });
    server =
        WebServer.builder()
            .listen(Listener.http("127.0.0.1", 0))
            .routes(List.of(part.exposedTo(Exposure.PUBLIC)))
            .idleTimeout(idle)
            .start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0, 1",
    "5, 65535",
    "5, 65536",
    "1, 1048576",
    "1, 1048577",
    "8999999, 1",
    "100, 8999900",
    "0, 9000000"
  })
  void sendsExactlyThePart(int from, int length) throws IOException {
    try (Socket socket = connect()) {
      for (int round = 0; round < 2; round++) { // the connection stays good for the next request
        assertThat(get(socket, from, length))
            .isEqualTo(Arrays.copyOfRange(content, from, from + length));
      }
    }
  }

  @Test
  void aPeerThatTakesLittleAtATimeGetsEverything() throws IOException {
    try (Socket socket = new Socket()) {
      socket.setReceiveBufferSize(4096);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()));
      assertThat(get(socket, 3, SIZE - 3)).isEqualTo(Arrays.copyOfRange(content, 3, SIZE));
      assertThat(get(socket, 0, 100_000)).isEqualTo(Arrays.copyOf(content, 100_000));
    }
  }

  @Test
  void aFileThatEndsEarlyCutsTheConnection() throws IOException {
    try (Socket socket = connect()) {
      assertThatThrownBy(() -> get(socket, 1_000_000, SIZE)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aPeerThatTakesNothingDoesNotHoldARequestForEver() throws Exception {
    server.close();
    start(Duration.ofSeconds(1));
    try (Socket socket = new Socket()) {
      socket.setReceiveBufferSize(4096);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()));
      for (int i = 0; i < 4; i++) { // more than the buffers of both ends hold
        ask(socket, 0, SIZE);
      }
      assertThat(failed.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aPeerThatLeavesDoesNotStopTheServer() throws IOException {
    for (int i = 0; i < 20; i++) {
      try (Socket socket = connect()) {
        ask(socket, 0, SIZE);
        socket.getInputStream().readNBytes(1000);
        socket.setSoLinger(true, 0);
      }
    }
    try (Socket socket = connect()) {
      assertThat(get(socket, 7, 200_000)).isEqualTo(Arrays.copyOfRange(content, 7, 200_007));
    }
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), port());
  }

  private int port() {
    return server.address().getPort();
  }

  private void ask(Socket socket, int from, int length) throws IOException {
    String request = "GET /%d/%d HTTP/1.1\r\nHost: localhost\r\n\r\n".formatted(from, length);
    socket.getOutputStream().write(request.getBytes(US_ASCII));
  }

  private byte[] get(Socket socket, int from, int length) throws IOException {
    ask(socket, from, length);
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("the connection ended after: " + head);
      }
      head.append((char) next);
    }
    assertThat(head).startsWith("HTTP/1.1 200").contains("Content-Length: " + length + "\r\n");
    byte[] body = new byte[length];
    new DataInputStream(in).readFully(body);
    return body;
  }
}
