package dev.bulla.server;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.store.Home;
import dev.bulla.web.Listener;
import dev.bulla.web.WebServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.function.Function;

/**
 * The loopback port of a home: the same one at each start, so that references stay valid; the next
 * free one if it is taken.
 */
final class StablePort {
  private static final int TRIES = 50;

  private final Home home;

  StablePort(Home home) {
    this.home = home;
  }

  /** What came of it: the server, and the port that was wanted. */
  record Bound(WebServer server, int wanted) {}

  /** Starts a server at the wanted port or the next free one, and remembers which. */
  Bound bind(Function<Listener, WebServer> start) {
    int wanted = wanted();
    for (int i = 0; i < TRIES; i++) {
      int port = i + 1 == TRIES ? 0 : wanted + i;
      try {
        WebServer server = start.apply(Listener.http("127.0.0.1", port));
        remember(server.address().getPort());
        return new Bound(server, wanted);
      } catch (BullaException e) {
        if (e.code() != ErrorCode.PORT_IN_USE) {
          throw e;
        }
      }
    }
    throw new BullaException(
        ErrorCode.PORT_IN_USE, "no free loopback port found from " + wanted + " on");
  }

  /** So that a listener whose port may not change is named, and no other port is tried for it. */
  static void requireFree(Listener listener) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(listener.host(), listener.port()));
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.PORT_IN_USE,
          "cannot listen at " + listener + ": " + e.getMessage(),
          "Stop the program that uses the port, or listen at another.",
          e);
    }
  }

  private int wanted() {
    try {
      int port = Integer.parseInt(Files.readString(home.port()).strip());
      return port > 1023 && port < 65_000 ? port : ServerSettings.DEFAULT_PORT;
    } catch (NoSuchFileException | NumberFormatException e) {
      return ServerSettings.DEFAULT_PORT;
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.HOME_UNUSABLE, "cannot read " + home.port() + ": " + e.getMessage(), e);
    }
  }

  private void remember(int port) {
    try {
      Files.writeString(home.port(), port + "\n");
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.HOME_UNUSABLE, "cannot write " + home.port() + ": " + e.getMessage(), e);
    }
  }
}
