package dev.bulla.web;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.NegotiatingServerConnection;
import org.eclipse.jetty.server.internal.HttpConnection;

/**
 * Ends connections that do not get to the end of a request's head, or of the TLS handshake, in
 * time. They would never be idle, because a byte comes now and then. Looks a few times within the
 * time that they have.
 */
final class SlowHeads implements Runnable {
  private record Seen(long requests, long since) {}

  private final FileConnector connector;
  private final long patience;
  private Map<EndPoint, Seen> waiting = new HashMap<>();

  SlowHeads(FileConnector connector, Duration patience) {
    this.connector = connector;
    this.patience = patience.toNanos();
  }

  void begin() {
    connector.getScheduler().schedule(this, patience / 3, TimeUnit.NANOSECONDS);
  }

  @Override
  public void run() {
    long now = System.nanoTime();
    Map<EndPoint, Seen> still = new HashMap<>();
    for (EndPoint endPoint : connector.getConnectedEndPoints()) {
      long requests = waitsAfter(endPoint.getConnection());
      if (requests < 0) {
        continue;
      }
      Seen before = waiting.get(endPoint);
      Seen seen =
          before != null && before.requests() == requests ? before : new Seen(requests, now);
      if (now - seen.since() > patience) {
        endPoint.close();
      } else {
        still.put(endPoint, seen);
      }
    }
    waiting = still;
    if (connector.isRunning()) {
      begin();
    }
  }

  /** How many requests came before the head that is on its way; below 0 if none is. */
  private static long waitsAfter(Connection connection) {
    return switch (connection) {
      case SslConnection tls -> waitsAfter(tls.getSslEndPoint().getConnection());
      case NegotiatingServerConnection handshake -> 0;
      case HttpConnection http -> isInHead(http.getParser()) ? http.getMessagesIn() : -1;
      default -> -1;
    };
  }

  private static boolean isInHead(HttpParser parser) {
    HttpParser.State state = parser.getState();
    return state.compareTo(HttpParser.State.START) > 0
        && state.compareTo(HttpParser.State.CONTENT) < 0;
  }
}
