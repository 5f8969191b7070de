package dev.bulla.signing.revocation;

import dev.bulla.signing.http.BoundedHttp;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;

/**
 * Asks the responders and fetches the lists that certificates name, as notation does: plain HTTP
 * only (the answers are signed, and an answer about the server's own certificate would be needed
 * first otherwise), two seconds for a response of at most 20 kB, five for a list of at most 32 MiB.
 * Whatever goes wrong is no answer.
 */
public final class HttpRevocation implements RevocationSource {
  private static final Duration RESPONSE_TIME = Duration.ofSeconds(2);
  private static final Duration LIST_TIME = Duration.ofSeconds(5);
  private static final int MAX_RESPONSE = 20 * 1024;
  private static final int MAX_LIST = 32 * 1024 * 1024;

  /** A longer request does not fit into the address of a GET (RFC 6960 appendix A.1). */
  private static final int MAX_GET = 255;

  private final Duration responseTime;
  private final Duration listTime;

  public HttpRevocation() {
    this.responseTime = RESPONSE_TIME;
    this.listTime = LIST_TIME;
  }

  /** With this time for everything. */
  HttpRevocation(Duration time) {
    this.responseTime = time;
    this.listTime = time;
  }

  @Override
  public List<byte[]> lists(URI point) {
    return isHttp(point)
        ? ask(HttpRequest.newBuilder(point).timeout(listTime).build(), MAX_LIST, listTime)
        : List.of();
  }

  @Override
  public List<byte[]> responses(URI responder, byte[] request) {
    if (!isHttp(responder)) {
      return List.of();
    }
    String encoded = Base64.getEncoder().encodeToString(request);
    HttpRequest.Builder builder;
    if (encoded.length() < MAX_GET) {
      String base = responder.toString();
      String path = URLEncoder.encode(encoded, StandardCharsets.US_ASCII);
      builder = HttpRequest.newBuilder(URI.create(base + (base.endsWith("/") ? "" : "/") + path));
    } else {
      builder =
          HttpRequest.newBuilder(responder)
              .header("Content-Type", "application/ocsp-request")
              .POST(HttpRequest.BodyPublishers.ofByteArray(request));
    }
    return ask(
        builder.header("Accept", "application/ocsp-response").timeout(responseTime).build(),
        MAX_RESPONSE,
        responseTime);
  }

  private static boolean isHttp(URI uri) {
    return "http".equalsIgnoreCase(uri.getScheme()) && uri.getHost() != null;
  }

  private static List<byte[]> ask(HttpRequest request, int limit, Duration time) {
    return BoundedHttp.ask(request, limit, time).stream().toList();
  }
}
