package dev.bulla.oci;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Authenticator;
import java.net.HttpRetryException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Carries one request to a server and its answer back. HTTP/1.1; no redirects, no credentials of
 * its own.
 *
 * <p>Two clients of the JDK share the work. {@link HttpURLConnection} blocks, and so moves a
 * gibibyte with an eighth of the processor time of {@link HttpClient}, starts in a tenth of the
 * time, and leaves nothing running. But it does not know {@code PATCH}, which only uploads in
 * chunks need; those go through an {@code HttpClient} that is made for the first of them.
 */
final class Wire implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(15);

  /** How long a body may stand still. */
  private static final Duration STALL = Duration.ofSeconds(60);

  /**
   * Knows nothing: credentials are our headers only. One for all readers, because a connection is
   * used again only for the same authenticator; whoever sends a body has one of his own, and so a
   * new connection: the JDK cannot repeat a body when a kept connection turns out to be closed.
   */
  private static final Authenticator NO_CREDENTIALS = new Authenticator() {};

  private final Optional<SSLContext> trust;
  private final String userAgent;
  private @Nullable HttpClient http;

  Wire(Optional<SSLContext> trust, String userAgent) {
    this.trust = trust;
    this.userAgent = userAgent;
  }

  /** One attempt; any status is an answer, only a broken connection is an exception. */
  Response exchange(Call call, Optional<String> authorization) throws IOException {
    Map<String, String> headers = new HashMap<>(call.headers());
    headers.putIfAbsent("Accept", "*/*");
    headers.put("User-Agent", userAgent);
    authorization.ifPresent(value -> headers.put("Authorization", value));
    return call.method().equals("PATCH") ? throughClient(call, headers) : blocking(call, headers);
  }

  private Response blocking(Call call, Map<String, String> headers) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) call.uri().toURL().openConnection();
    trust.ifPresent(context -> {
      if (connection instanceof HttpsURLConnection secure) {
        secure.setSSLSocketFactory(context.getSocketFactory());
      }
    });
    connection.setInstanceFollowRedirects(false);
    boolean reads = call.method().equals("GET") || call.method().equals("HEAD");
    connection.setAuthenticator(reads ? NO_CREDENTIALS : new Authenticator() {});
    connection.setUseCaches(false);
    connection.setConnectTimeout((int) CONNECT.toMillis());
    connection.setReadTimeout((int) Math.max(STALL.toMillis(), call.timeout().toMillis()));
    connection.setRequestMethod(call.method());
    headers.forEach(connection::setRequestProperty);
    try {
      if (!reads) {
        send(connection, call.body());
      }
      return response(call, connection);
    } catch (IOException | RuntimeException e) {
      connection.disconnect();
      throw e;
    }
  }

  private static void send(HttpURLConnection connection, Optional<Body> body) throws IOException {
    connection.setDoOutput(true);
    connection.setFixedLengthStreamingMode(body.map(Body::length).orElse(0L));
    try (OutputStream out = connection.getOutputStream()) {
      if (body.isPresent()) {
        body.get().writeTo(out);
      }
    }
  }

  private static Response response(Call call, HttpURLConnection connection) throws IOException {
    int status = status(connection);
    InputStream body = status >= 400 ? connection.getErrorStream() : connection.getInputStream();
    Map<String, List<String>> headers = new HashMap<>();
    for (int i = 0; i == 0 || connection.getHeaderField(i) != null; i++) {
      String name = connection.getHeaderFieldKey(i);
      if (name != null) {
        headers
            .computeIfAbsent(name.toLowerCase(Locale.ROOT), any -> new ArrayList<>())
            .add(connection.getHeaderField(i));
      }
    }
    InputStream open = body == null ? InputStream.nullInputStream() : body;
    return new Response(status, call.uri(), headers, open);
  }

  private static int status(HttpURLConnection connection) throws IOException {
    try {
      int status = connection.getResponseCode();
      if (status < 100) {
        throw new IOException("the answer is not HTTP");
      }
      return status;
    } catch (HttpRetryException e) {
      return e.responseCode(); // a 401 or a redirect of a streamed body; nothing to be done here
    }
  }

  private Response throughClient(Call call, Map<String, String> headers) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(call.uri())
            .method(call.method(), new BodyPieces(call.body().orElse(Body.of(new byte[0]))))
            .timeout(call.timeout());
    headers.forEach(request::setHeader);
    try {
      HttpResponse<InputStream> answer =
          client().send(request.build(), BodyHandlers.ofInputStream());
      Map<String, List<String>> lower = new HashMap<>();
      answer
          .headers()
          .map()
          .forEach((name, values) -> lower.put(name.toLowerCase(Locale.ROOT), values));
      return new Response(answer.statusCode(), call.uri(), lower, answer.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new java.io.InterruptedIOException("interrupted");
    }
  }

  private synchronized HttpClient client() {
    HttpClient known = http;
    if (known == null) {
      HttpClient.Builder settings =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .followRedirects(HttpClient.Redirect.NEVER)
              .connectTimeout(CONNECT)
              .executor(Executors.newVirtualThreadPerTaskExecutor());
      trust.ifPresent(settings::sslContext);
      known = settings.build();
      http = known;
    }
    return known;
  }

  /** An {@code HttpClient} that stays open would delay the end of the program by 300 ms. */
  @Override
  public synchronized void close() {
    HttpClient known = http;
    if (known != null) {
      known.shutdownNow();
      try {
        known.awaitTermination(Duration.ofSeconds(1));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Whether the two addresses are of one server. */
  static String authority(URI uri) {
    int port = uri.getPort();
    if (port < 0) {
      port = "https".equals(uri.getScheme()) ? 443 : 80;
    }
    return (uri.getScheme() + "://" + uri.getHost() + ":" + port).toLowerCase(Locale.ROOT);
  }
}
