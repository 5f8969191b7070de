package dev.bulla.signing.http;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.JsonNode;

/**
 * Asks the services that take part in signing: each question within a time and a size, no
 * redirects. Whoever is not reached, or answers with a status of 500 and more, is asked again after
 * a pause, at most {@value #ATTEMPTS} times in all; one that lets the time run out is not, for it
 * may have done its work; a refusal (status 400 to 499) is final.
 *
 * <p>Thread-safe. To be closed: an open one keeps its process from ending.
 */
public final class ServiceClient implements AutoCloseable {
  private static final int ATTEMPTS = 3;
  private static final int MAX_MESSAGE = 300;
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final HttpClient client;
  private final Duration pause;

  /** With a pause of half a second before the second attempt, and twice that before the third. */
  public ServiceClient() {
    this(PAUSE, Optional.empty());
  }

  /**
   * @param trust which servers are believed; empty for the usual authorities
   */
  public ServiceClient(Optional<SSLContext> trust) {
    this(PAUSE, trust);
  }

  /**
   * @param pause before the second attempt
   */
  public ServiceClient(Duration pause) {
    this(pause, Optional.empty());
  }

  private ServiceClient(Duration pause, Optional<SSLContext> trust) {
    this.pause = pause;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10));
    trust.ifPresent(builder::sslContext);
    this.client = builder.build();
  }

  /**
   * Whom to ask, and what will be taken for an answer.
   *
   * @param what names the service in errors, such as "the transparency log"
   * @param limit of the body, in bytes
   * @param time for one attempt, from the connection to the last byte
   */
  public record Service(String what, URI address, int limit, Duration time) {
    @Override
    public String toString() {
      return what + " " + Shown.text(address.toString());
    }
  }

  /** An answer of any status below 500. */
  public record Answer(int status, HttpHeaders headers, byte[] body) {
    public boolean granted() {
      return status == 200 || status == 201;
    }
  }

  /**
   * The body of an answer with status 200 or 201.
   *
   * @throws BullaException {@link ErrorCode#SERVICE_UNAVAILABLE}; {@link ErrorCode#SERVICE_REFUSED}
   *     with the service's words
   */
  public byte[] ask(Service service, HttpRequest.Builder request) {
    Answer answer = exchange(service, request);
    if (!answer.granted()) {
      throw refused(service, answer);
    }
    return answer.body();
  }

  /**
   * As {@link #ask}, for a caller who knows what to do with refusals.
   *
   * @throws BullaException {@link ErrorCode#SERVICE_UNAVAILABLE}
   */
  public Answer exchange(Service service, HttpRequest.Builder request) {
    HttpRequest ready =
        request.uri(service.address).timeout(service.time).setHeader("User-Agent", "bulla").build();
    for (int attempt = 1; ; attempt++) {
      String fault;
      try {
        Answer answer = once(service, ready);
        if (answer.status < 500) {
          return answer;
        }
        fault = "answers with status %d%s".formatted(answer.status, words(answer.body));
      } catch (IOException e) {
        fault = "cannot be reached: " + reason(e);
      }
      if (attempt == ATTEMPTS) {
        throw unavailable(service, "%s (asked %d times)".formatted(fault, ATTEMPTS));
      }
      rest(service, pause.multipliedBy(1L << (attempt - 1)));
    }
  }

  /** What it means that {@code answer} grants nothing. */
  public static BullaException refused(Service service, Answer answer) {
    return new BullaException(
        ErrorCode.SERVICE_REFUSED,
        "%s refuses with status %d%s".formatted(service, answer.status, words(answer.body)));
  }

  private Answer once(Service service, HttpRequest request) throws IOException {
    try {
      HttpResponse<byte[]> response =
          client
              .sendAsync(request, head -> new BoundedHttp.LimitedBody(service.limit))
              .get(service.time.toMillis(), TimeUnit.MILLISECONDS);
      return new Answer(response.statusCode(), response.headers(), response.body());
    } catch (TimeoutException e) {
      throw late(service);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(service, "was not waited for");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof BoundedHttp.TooLongException) {
        throw new BullaException(
            ErrorCode.INPUT_TOO_LARGE,
            "%s sends more than %d bytes".formatted(service, service.limit));
      }
      if (e.getCause() instanceof java.net.http.HttpConnectTimeoutException connect) {
        throw connect;
      }
      if (e.getCause() instanceof java.net.http.HttpTimeoutException) {
        throw late(service);
      }
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
  }

  private void rest(Service service, Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(service, "was not waited for");
    }
  }

  private static BullaException late(Service service) {
    return unavailable(
        service, "gave no whole answer within %d seconds".formatted(service.time.toSeconds()));
  }

  private static BullaException unavailable(Service service, String why) {
    return new BullaException(
        ErrorCode.SERVICE_UNAVAILABLE,
        service + " " + why,
        "Check the address, and whether the service is up; nothing was written.");
  }

  private static String reason(IOException e) {
    String message = e.getMessage();
    if (message != null) {
      return Shown.text(message);
    }
    return e instanceof java.net.ConnectException ? "no connection" : e.getClass().getSimpleName();
  }

  /** The service's own words: the member {@code message} of its JSON, or its text. */
  private static String words(byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8).strip();
    try {
      JsonNode message = Json.parse(body, "answer").path("message");
      text = message.isString() ? message.stringValue() : text;
    } catch (BullaException e) {
      // not JSON: the text as it is
    }
    if (text.isEmpty()) {
      return "";
    }
    return ": "
        + Shown.text(text.length() > MAX_MESSAGE ? text.substring(0, MAX_MESSAGE) + "…" : text);
  }

  @Override
  public void close() {
    client.shutdownNow(); // or closing would wait for a body that drips in
    client.close();
  }
}
