package dev.bulla.signing.tuf;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.signing.http.BoundedHttp;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Optional;

/**
 * A repository on the web. Redirects are not followed; an answer takes at most {@value
 * #SECONDS_PER_FILE} seconds from the request to its last byte, and all of them together {@value
 * #SECONDS_IN_ALL}: others wait for a refresh to end. Plain {@code http} will do too: everything is
 * signed.
 */
public final class HttpRepository implements RepositoryFiles {
  private static final int SECONDS_PER_FILE = 20;
  private static final int SECONDS_IN_ALL = 120;
  private static final Duration TIME = Duration.ofSeconds(SECONDS_PER_FILE);

  private final HttpClient client = HttpClient.newBuilder().connectTimeout(TIME).build();
  private final URI metadata;
  private final URI targets;
  private final long end = System.nanoTime() + Duration.ofSeconds(SECONDS_IN_ALL).toNanos();

  /**
   * @param metadata address of the directory of metadata files
   * @param targets address of the directory of target files
   * @throws BullaException {@link ErrorCode#USAGE} for an address that is not of the web
   */
  public HttpRepository(URI metadata, URI targets) {
    this.metadata = directory(metadata);
    this.targets = directory(targets);
  }

  private static URI directory(URI address) {
    String scheme = address.getScheme() == null ? "" : address.getScheme();
    if (!scheme.equals("http") && !scheme.equals("https") || address.getHost() == null) {
      throw new BullaException(
          ErrorCode.USAGE,
          "'%s' is no address of a trust repository".formatted(Shown.text(address.toString())),
          "Give one such as https://tuf-repo-cdn.sigstore.dev.");
    }
    String text = address.toString();
    return text.endsWith("/") ? address : URI.create(text + "/");
  }

  @Override
  public Optional<byte[]> metadata(String name, int limit) {
    return get(URI.create(metadata + name), limit);
  }

  @Override
  public Optional<byte[]> target(String path, int limit) {
    return get(URI.create(targets + path), limit);
  }

  private Optional<byte[]> get(URI address, int limit) {
    Duration left = Duration.ofNanos(end - System.nanoTime());
    if (!left.isPositive()) {
      throw unavailable(
          address, "the refresh takes longer than %d s".formatted(SECONDS_IN_ALL), null);
    }
    Duration time = left.compareTo(TIME) < 0 ? left : TIME;
    try {
      BoundedHttp.Answer answer =
          BoundedHttp.exchange(
              client, HttpRequest.newBuilder(address).timeout(time).GET().build(), limit, time);
      return switch (answer.status()) {
        case 200 -> Optional.of(answer.body());
        case 403, 404 -> Optional.empty(); // stores that hide what they have say 403
        default -> throw unavailable(address, "it answers " + answer.status(), null);
      };
    } catch (BoundedHttp.TooLongException e) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE,
          "%s: longer than the %d bytes that are read of it".formatted(address, limit),
          e);
    } catch (IOException e) {
      throw unavailable(address, String.valueOf(e.getMessage()), e);
    }
  }

  private static BullaException unavailable(
      URI address, String why, @org.jspecify.annotations.Nullable IOException cause) {
    return new BullaException(
        ErrorCode.TRUST_REPOSITORY_UNAVAILABLE,
        "%s cannot be had: %s".formatted(address, Shown.text(why)),
        "Try again later, or use the trusted root that is there with --offline.",
        cause);
  }

  @Override
  public void close() {
    client.shutdownNow();
    client.close();
  }
}
