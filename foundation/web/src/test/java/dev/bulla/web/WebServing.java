package dev.bulla.web;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;

/** A server for each test, and a client that knows it. */
abstract class WebServing {
  static final long LARGE = 64L * 1024 * 1024;

  final HttpClient client = HttpClient.newHttpClient();
  WebServer server;

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
    client.close();
  }

  void start(Route... routes) {
    server = builder(routes).start();
  }

  static WebServer.Builder builder(Route... routes) {
    return WebServer.builder().listen(Listener.http("127.0.0.1", 0)).routes(List.of(routes));
  }

  static Route open(Route route) {
    return route.exposedTo(Exposure.PUBLIC);
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(server.address().resolve(path));
  }

  HttpResponse<String> get(String path) throws Exception {
    return exchange(request(path));
  }

  HttpResponse<String> exchange(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  int post(String path, String origin) throws Exception {
    return exchange(request(path).header("Origin", origin).POST(BodyPublishers.noBody()))
        .statusCode();
  }

  String raw(String request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", server.address().getPort())) {
      socket
          .getOutputStream()
          .write(utf8(request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** So many zero bytes. */
  static final class Zeros extends InputStream {
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
