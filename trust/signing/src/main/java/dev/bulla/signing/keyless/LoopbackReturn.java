package dev.bulla.signing.keyless;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A port of this machine to which the browser comes back after the log-in (RFC 8252, section 7.3).
 * Only a request that knows the state counts; whatever else knocks is answered with 404 and not
 * waited for.
 */
final class LoopbackReturn implements AutoCloseable {
  private static final String PATH = "/auth/callback";
  private static final int MAX_LINE = 16 * 1024;
  private static final int PATIENCE = 1000; // milliseconds

  private final ServerSocket socket;

  LoopbackReturn() throws IOException {
    this.socket = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
  }

  /** Where the browser is to be sent; by name, as issuers have it registered for cosign. */
  URI address() {
    return URI.create("http://localhost:" + socket.getLocalPort() + PATH);
  }

  /**
   * The parameters with which the browser came.
   *
   * @throws dev.bulla.core.BullaException {@code SERVICE_UNAVAILABLE} if it does not in {@code
   *     time}
   */
  Map<String, String> await(String state, Duration time) throws IOException {
    long end = System.nanoTime() + time.toNanos();
    for (long left = time.toMillis();
        left > 0;
        left = Duration.ofNanos(end - System.nanoTime()).toMillis()) {
      socket.setSoTimeout((int) Math.min(left, Integer.MAX_VALUE));
      Socket caller;
      try {
        caller = socket.accept();
      } catch (SocketTimeoutException e) {
        break;
      }
      try (Socket one = caller) {
        one.setSoTimeout(PATIENCE);
        Optional<Map<String, String>> came = parameters(line(one.getInputStream()), state);
        answer(one, came);
        if (came.isPresent()) {
          return came.get();
        }
      } catch (IOException e) {
        // somebody who says nothing, or has gone: not the one who is waited for
      }
    }
    throw Login.late();
  }

  /** The first line of a request; empty if it is too long, or drips in. */
  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    long end = System.nanoTime() + Duration.ofMillis(2 * PATIENCE).toNanos();
    for (int one = in.read(); one >= 0 && one != '\n'; one = in.read()) {
      if (line.length() == MAX_LINE || System.nanoTime() > end) {
        return "";
      }
      line.append((char) one);
    }
    return line.toString().strip();
  }

  /** What {@code GET /auth/callback?…} says, if it knows the state. */
  static Optional<Map<String, String>> parameters(String line, String state) {
    String[] words = line.split(" ");
    if (words.length != 3 || !words[0].equals("GET") || !words[1].startsWith(PATH + "?")) {
      return Optional.empty();
    }
    Map<String, String> all = new HashMap<>();
    for (String pair : words[1].substring(PATH.length() + 1).split("&")) {
      int equals = pair.indexOf('=');
      try {
        if (equals < 1
            || all.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)))
                != null) {
          return Optional.empty();
        }
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
    }
    byte[] told = all.getOrDefault("state", "").getBytes(StandardCharsets.UTF_8);
    return MessageDigest.isEqual(told, state.getBytes(StandardCharsets.UTF_8))
        ? Optional.of(all)
        : Optional.empty();
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static void answer(Socket to, Optional<Map<String, String>> came) {
    boolean well = came.filter(all -> all.containsKey("code")).isPresent();
    String said =
        well
            ? "You are logged in. Go back to the terminal; this page may be closed."
            : "This is not the end of a log-in. Look at the terminal.";
    String answer =
        "HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n"
                .formatted(well ? "200 OK" : "404 Not Found", said.length())
            + "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
            + said;
    try {
      to.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
      to.shutdownOutput();
      to.getInputStream().skipNBytes(to.getInputStream().available()); // else the answer is lost
    } catch (IOException e) {
      // the browser has gone; what it brought counts
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
