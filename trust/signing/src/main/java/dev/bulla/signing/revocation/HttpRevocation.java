package dev.bulla.signing.revocation;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks the responders and fetches the lists that certificates name, as notation does: plain HTTP
 * only (the answers are signed, and an answer about the server's own certificate would be needed
 * first otherwise), two seconds for a response of at most 20 kB, five for a list of at most 32 MiB.
 * Whatever goes wrong is no answer.
 *
 * <p>A client lives for one question only: an open one keeps its process from ending.
 */
public final class HttpRevocation implements RevocationSource {
  private static final Duration RESPONSE_TIME = Duration.ofSeconds(2);
  private static final Duration LIST_TIME = Duration.ofSeconds(5);
  private static final int MAX_RESPONSE = 20 * 1024;
  private static final int MAX_LIST = 32 * 1024 * 1024;

  /** A longer request does not fit into the address of a GET (RFC 6960 appendix A.1). */
  private static final int MAX_GET = 255;

  private final Duration responseTime;

  public HttpRevocation() {
    this(RESPONSE_TIME);
  }

  /** For tests, which do not wait long. */
  HttpRevocation(Duration responseTime) {
    this.responseTime = responseTime;
  }

  @Override
  public List<byte[]> lists(URI point) {
    return isHttp(point)
        ? ask(HttpRequest.newBuilder(point).timeout(LIST_TIME).build(), MAX_LIST, LIST_TIME)
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
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(time).build()) {
      try {
        HttpResponse<byte[]> answer =
            client
                .sendAsync(request, head -> new LimitedBody(limit))
                .get(time.toMillis(), TimeUnit.MILLISECONDS);
        return answer.statusCode() == 200 && answer.body().length > 0
            ? List.of(answer.body())
            : List.of();
      } catch (ExecutionException | TimeoutException e) {
        return List.of();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return List.of();
      } finally {
        client.shutdownNow(); // or closing would wait for a body that drips in
      }
    }
  }

  /** The body as bytes; one that is longer than the limit is broken off. */
  private static final class LimitedBody implements HttpResponse.BodySubscriber<byte[]> {
    private final int limit;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;

    LimitedBody(int limit) {
      this.limit = limit;
    }

    @Override
    public CompletionStage<byte[]> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription begun) {
      subscription = begun;
      begun.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
      for (ByteBuffer buffer : buffers) {
        if (received.size() + buffer.remaining() > limit) {
          if (subscription != null) {
            subscription.cancel();
          }
          body.completeExceptionally(new IOException("longer than " + limit + " bytes"));
          return;
        }
        byte[] part = new byte[buffer.remaining()];
        buffer.get(part);
        received.writeBytes(part);
      }
    }

    @Override
    public void onError(Throwable failure) {
      body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      body.complete(received.toByteArray());
    }
  }
}
