package dev.bulla.registry.events;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Posts one message on a connection of its own, to an address that was looked at before; the
 * certificate must be for the name. Redirects are not followed, nothing is sent through a proxy,
 * and the whole takes its deadline at most, however slowly the other side does what. Thread-safe.
 */
final class WebhookPost {
  private final Supplier<SSLSocketFactory> trust;
  private final Duration deadline;
  private @Nullable SSLSocketFactory tls;

  /**
   * @param trust what is believed of those who receive; asked for once, when it is needed
   * @param deadline for everything together
   */
  WebhookPost(Supplier<SSLSocketFactory> trust, Duration deadline) {
    this.trust = trust;
    this.deadline = deadline;
  }

  /**
   * @throws IOException also when the time is over
   */
  AnswerHead send(URI url, InetAddress to, Map<String, String> headers, byte[] body)
      throws IOException {
    boolean secure = "https".equals(url.getScheme());
    int port = url.getPort() >= 0 ? url.getPort() : secure ? 443 : 80;
    int millis = Math.toIntExact(deadline.toMillis());
    Socket plain = new Socket();
    Thread end = Thread.ofVirtual().name("webhook-deadline").start(() -> closeAfter(plain, millis));
    try (plain) {
      plain.connect(new InetSocketAddress(to, port), millis);
      plain.setSoTimeout(millis);
      try (Socket socket = secure ? secured(plain, url.getHost(), port) : plain) {
        OutputStream out = socket.getOutputStream();
        out.write(head(url, headers, body.length));
        out.write(body);
        out.flush();
        return AnswerHead.read(new BufferedInputStream(socket.getInputStream(), 1_024));
      }
    } catch (IOException e) {
      throw end.isAlive()
          ? e
          : new IOException("no answer within %d s".formatted(deadline.toSeconds()), e);
    } finally {
      end.interrupt();
    }
  }

  private static void closeAfter(Socket socket, long millis) {
    try {
      Thread.sleep(millis);
      socket.close();
    } catch (InterruptedException e) {
      // the answer came in time
    } catch (IOException e) {
      // closed is closed
    }
  }

  private Socket secured(Socket plain, String host, int port) throws IOException {
    String name = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    SSLSocket socket = (SSLSocket) tls().createSocket(plain, name, port, true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  private synchronized SSLSocketFactory tls() {
    SSLSocketFactory known = tls;
    if (known == null) {
      known = trust.get();
      tls = known;
    }
    return known;
  }

  private static byte[] head(URI url, Map<String, String> headers, int length) {
    String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    StringBuilder head = new StringBuilder("POST ").append(path);
    if (url.getRawQuery() != null) {
      head.append('?').append(url.getRawQuery());
    }
    head.append(" HTTP/1.1\r\nHost: ").append(url.getRawAuthority()).append("\r\n");
    headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    head.append("Content-Length: ").append(length).append("\r\nConnection: close\r\n\r\n");
    return head.toString().getBytes(StandardCharsets.US_ASCII);
  }
}
