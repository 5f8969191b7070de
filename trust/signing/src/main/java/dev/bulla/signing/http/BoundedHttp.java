package dev.bulla.signing.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer, within a time and a size. No redirects.
 *
 * <p>A client lives for one question only: an open one keeps its process from ending.
 */
public final class BoundedHttp {
  private BoundedHttp() {}

  /** Status and body of an answer, whatever the status. */
  public record Answer(int status, byte[] body) {}

  /** An answer that is longer than allowed. */
  public static final class TooLongException extends IOException {
    private static final long serialVersionUID = 1L;

    TooLongException(int limit) {
      super("longer than " + limit + " bytes");
    }
  }

  /**
   * An answer as a whole, with a client of the caller for several questions.
   *
   * @param limit bytes of the body
   * @param time for all of it, from the connection to the last byte
   * @throws TooLongException for a longer body
   * @throws IOException if there is no answer in time
   */
  public static Answer exchange(HttpClient client, HttpRequest request, int limit, Duration time)
      throws IOException {
    try {
      HttpResponse<byte[]> answer =
          client
              .sendAsync(request, head -> new LimitedBody(limit))
              .get(time.toMillis(), TimeUnit.MILLISECONDS);
      return new Answer(answer.statusCode(), answer.body());
    } catch (ExecutionException e) {
      for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
        if (cause instanceof TooLongException tooLong) {
          throw tooLong;
        }
      }
      throw new IOException(String.valueOf(e.getCause()), e);
    } catch (TimeoutException e) {
      throw new IOException("no answer within " + time.toSeconds() + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /**
   * The body of an answer with status 200 or 201; nothing if there is none, or it is empty, too
   * long or too late.
   *
   * @param limit bytes
   * @param time for all of it, from the connection to the last byte
   */
  public static Optional<byte[]> ask(HttpRequest request, int limit, Duration time) {
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(time).build()) {
      try {
        HttpResponse<byte[]> answer =
            client
                .sendAsync(request, head -> new LimitedBody(limit))
                .get(time.toMillis(), TimeUnit.MILLISECONDS);
        boolean good = answer.statusCode() == 200 || answer.statusCode() == 201;
        return Optional.of(answer.body()).filter(body -> good && body.length > 0);
      } catch (ExecutionException | TimeoutException e) {
        return Optional.empty();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.empty();
      } finally {
        client.shutdownNow(); // or closing would wait for a body that drips in
      }
    }
  }

  /** The body as bytes; one that is longer than the limit is broken off. */
  static final class LimitedBody implements HttpResponse.BodySubscriber<byte[]> {
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
          body.completeExceptionally(new TooLongException(limit));
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
