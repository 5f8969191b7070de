package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;

/**
 * Sends requests: credentials, redirects, repetition. It knows HTTP and nothing of images.
 *
 * <p>An {@code Authorization} header goes only to the authority (scheme, host, port) that the
 * request was for; a redirect to another one goes without, and never from HTTPS to HTTP.
 */
final class Transport implements AutoCloseable {
  private static final int MAX_REDIRECTS = 5;
  private static final Set<Integer> TRANSIENT = Set.of(408, 429, 500, 502, 503, 504);

  private final Wire wire;
  private final Backoff backoff;
  private final Semaphore permits;
  private final Tokens tokens;

  Transport(Wire wire, Backoff backoff, int parallelism, CredentialSource source) {
    this.wire = wire;
    this.backoff = backoff;
    this.permits = new Semaphore(parallelism);
    this.tokens = new Tokens(source, this::sendPlain);
  }

  Backoff backoff() {
    return backoff;
  }

  /**
   * Sends until there is an answer that is not transient; the caller judges its status and closes
   * its body.
   *
   * @throws BullaException {@code REGISTRY_UNAVAILABLE}, {@code REGISTRY_RATE_LIMITED}, {@code
   *     REGISTRY_UNAUTHORIZED}
   */
  Response send(Call call) {
    for (int attempt = 0; ; attempt++) {
      try {
        Response response = sendOnce(call);
        if (!isTransient(response)) {
          return response;
        }
        if (attempt >= backoff.retries() || waitsTooLong(response)) {
          throw Failures.of(call, response);
        }
        Duration pause = retryAfter(response).orElse(backoff.delay(attempt));
        response.discard();
        Backoff.pause(pause);
      } catch (IOException e) {
        if (attempt >= allowedRetries(e)) {
          throw Failures.unreachable(call, e, attempt + 1);
        }
        Backoff.pause(backoff.delay(attempt));
      }
    }
  }

  /**
   * Nobody listens: one repetition is enough to outlast a restart, more only make a person wait.
   */
  private int allowedRetries(IOException e) {
    return e instanceof ConnectException ? Math.min(1, backoff.retries()) : backoff.retries();
  }

  static boolean isTransient(Response response) {
    return TRANSIENT.contains(response.status());
  }

  boolean waitsTooLong(Response response) {
    return retryAfter(response).filter(d -> d.compareTo(backoff.longest()) > 0).isPresent();
  }

  /** RFC 9110 section 10.2.3: seconds or a date. */
  static Optional<Duration> retryAfter(Response response) {
    return response
        .header("Retry-After")
        .flatMap(value -> {
          try {
            if (value.strip().matches("[0-9]{1,9}")) {
              return Optional.of(Duration.ofSeconds(Long.parseLong(value.strip())));
            }
            Instant then =
                DateTimeFormatter.RFC_1123_DATE_TIME
                    .withLocale(Locale.ROOT)
                    .parse(value.strip(), Instant::from);
            Duration left = Duration.between(Instant.now(), then);
            return Optional.of(left.isNegative() ? Duration.ZERO : left);
          } catch (DateTimeParseException e) {
            return Optional.empty();
          }
        });
  }

  /**
   * One attempt with credentials; a 401 is answered once. Any status comes back, a broken
   * connection is thrown.
   */
  Response sendOnce(Call call) throws IOException {
    String home = Wire.authority(call.uri());
    Optional<String> sent = tokens.authorization(call, home);
    Response response = follow(call, home, sent);
    if (response.status() != 401 || !Wire.authority(response.uri()).equals(home)) {
      return response;
    }
    Optional<String> again = tokens.answer(call, home, response.headers("WWW-Authenticate"), sent);
    if (again.isEmpty()) {
      return response;
    }
    response.discard();
    return follow(call, home, again);
  }

  private Response follow(Call call, String home, Optional<String> authorization)
      throws IOException {
    Call current = call;
    for (int hops = 0; hops <= MAX_REDIRECTS; hops++) {
      boolean atHome = Wire.authority(current.uri()).equals(home);
      Response response = exchange(current, atHome ? authorization : Optional.empty());
      Optional<String> location = response.header("Location");
      if (!isRedirect(response.status()) || location.isEmpty()) {
        return response;
      }
      response.discard();
      current = redirected(current, response.status(), location.get());
    }
    throw new BullaException(
        ErrorCode.REGISTRY_PROTOCOL,
        "%s: more than %d redirects".formatted(call.what(), MAX_REDIRECTS));
  }

  private static Call redirected(Call call, int status, String location) {
    URI target = resolve(call, location);
    if (call.uri().getScheme().equals("https") && !target.getScheme().equals("https")) {
      throw new BullaException(
          ErrorCode.REGISTRY_PROTOCOL,
          "%s: redirected from HTTPS to %s://%s, which is refused"
              .formatted(call.what(), target.getScheme(), target.getAuthority()));
    }
    boolean reading = call.method().equals("GET") || call.method().equals("HEAD");
    if (!reading && status != 307 && status != 308) {
      throw new BullaException(
          ErrorCode.REGISTRY_PROTOCOL,
          "%s: a %s was redirected with status %d, expected 307 or 308"
              .formatted(call.what(), call.method(), status));
    }
    return call.to(call.method(), target);
  }

  /** An absolute http(s) address from a Location or Link value. */
  static URI resolve(Call call, String location) {
    try {
      URI target = call.uri().resolve(location);
      boolean web = "http".equals(target.getScheme()) || "https".equals(target.getScheme());
      if (web && target.getHost() != null) {
        return target;
      }
    } catch (IllegalArgumentException e) {
      // told below
    }
    throw new BullaException(
        ErrorCode.REGISTRY_PROTOCOL,
        "%s: the registry points to '%s', which is not a web address"
            .formatted(call.what(), dev.bulla.core.Shown.text(location)));
  }

  private static boolean isRedirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  }

  /**
   * A request of the token flow: repeated when transient, with the given header and no other
   * credential.
   */
  private Response sendPlain(Call call, Optional<String> authorization) throws IOException {
    Response response = exchange(call, authorization);
    for (int attempt = 0; isTransient(response) && attempt < backoff.retries(); attempt++) {
      if (waitsTooLong(response)) {
        break;
      }
      response.discard();
      Backoff.pause(retryAfter(response).orElse(backoff.delay(attempt)));
      response = exchange(call, authorization);
    }
    return response;
  }

  private Response exchange(Call call, Optional<String> authorization) throws IOException {
    try {
      permits.acquire();
      try {
        return wire.exchange(call, authorization);
      } finally {
        permits.release();
      }
    } catch (IOException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw interrupted(call, e);
      }
      throw Failures.ownOr(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(call, e);
    }
  }

  private static BullaException interrupted(Call call, Exception e) {
    return new BullaException(
        ErrorCode.REGISTRY_UNAVAILABLE, call.what() + ": interrupted while waiting", e);
  }

  @Override
  public void close() {
    wire.close();
  }
}
