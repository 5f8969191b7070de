package dev.bulla.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.access.ServerFile;
import dev.bulla.store.Home;
import dev.bulla.web.Listener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever others do, a server that is told to end ends. */
class ServerEndTest {

  /** Somebody who takes connections and never says a word. */
  private static final class Mute implements AutoCloseable {
    final Semaphore heard = new Semaphore(0);
    final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    final ConcurrentLinkedQueue<Socket> taken = new ConcurrentLinkedQueue<>();

    Mute() throws IOException {
      Thread.ofVirtual().start(this::run);
    }

    String address() {
      return "http://127.0.0.1:" + socket.getLocalPort();
    }

    void awaitHeard() throws InterruptedException {
      assertThat(heard.tryAcquire(100, TimeUnit.SECONDS)).isTrue();
    }

    private void run() {
      try {
        while (true) {
          Socket one = socket.accept();
          taken.add(one);
          one.getInputStream().read(); // it has asked for something
          heard.release();
        }
      } catch (IOException e) {
        // closed
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
      for (Socket one : taken) {
        one.close();
      }
    }
  }

  @Test
  void aServerEndsThoughItsSourceItsReceiverAndItsReadersDoNotAnswer(@TempDir Path temp)
      throws Exception {
    Home home = new Home(temp.resolve("home"));
    BullaServer server = start(home);
    Client anonymous = Client.anonymous(server.addresses().getFirst());
    String token = ServerFile.read(home.serverFile()).orElseThrow().token().reveal();
    Client owner = anonymous.with("Bearer " + token);
    try (Mute source = new Mute();
        Mute receiver = new Mute();
        Socket reader = new Socket("127.0.0.1", server.addresses().getFirst().getPort())) {
      post(
          owner,
          "/v1/registry/replications",
          "{\"source\":\"%s\",\"glob\":\"team/*\",\"follow\":true}".formatted(source.address()));
      post(
          owner,
          "/v1/registry/webhooks",
          "{\"name\":\"w\",\"url\":\"%s\",\"allowPrivate\":true,\"since\":0}"
              .formatted(receiver.address()));
      post(owner, "/v1/access/robots", "{\"name\":\"r\",\"grants\":[\"told/*=AcrPull\"]}");
      String poll =
          "GET /v1/registry/events?after=latest&wait=30 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
              + "Authorization: Bearer %s\r\n\r\n".formatted(token);
      reader.getOutputStream().write(poll.getBytes(StandardCharsets.US_ASCII));
      source.awaitHeard();
      receiver.awaitHeard();

      long begun = System.nanoTime();
      server.close();

      // each of them alone would hold it up for 15 s at least
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(14));
      assertThat(home.serverFile()).doesNotExist();
    } finally {
      server.close();
      anonymous.http().close();
    }
  }

  private static void post(Client owner, String path, String json) {
    assertThat(owner.post(path, json).status()).isBetween(200, 202);
  }

  private static BullaServer start(Home home) {
    return BullaServer.start(
        new ServerSettings(home, List.of(Listener.http("127.0.0.1", 0)), false, Optional.empty()),
        InstantSource.system(),
        new SecureRandom());
  }
}
