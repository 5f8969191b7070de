package dev.bulla.build;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Downloads over http and https, redirects included (never from https to http). Up to a limit of
 * bytes; the time is limited by the build's deadline, which interrupts. Thread-safe.
 */
public final class HttpDownloads implements Downloads {
  private static final Duration CONNECT = Duration.ofSeconds(30);
  private static final int BUFFER = 64 * 1024;

  private final HttpClient client =
      HttpClient.newBuilder()
          .followRedirects(HttpClient.Redirect.NORMAL)
          .connectTimeout(CONNECT)
          .build();
  private final long maxBytes;

  /**
   * @param maxBytes of one download
   */
  public HttpDownloads(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  @Override
  public void fetch(URI uri, OutputStream out) throws IOException {
    HttpResponse<InputStream> response;
    try {
      response =
          client.send(
              HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw unavailable(uri, String.valueOf(e.getMessage()), e);
    } catch (IllegalArgumentException e) {
      throw unavailable(uri, "not an http or https URL", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(uri, "interrupted", e);
    }
    try (InputStream body = response.body()) {
      if (response.statusCode() != 200) {
        throw unavailable(
            uri, "the server answered " + response.statusCode() + ", expected 200", null);
      }
      copy(uri, body, out);
    }
  }

  private void copy(URI uri, InputStream body, OutputStream out) throws IOException {
    byte[] buffer = new byte[BUFFER];
    long count = 0;
    for (int n = read(uri, body, buffer); n >= 0; n = read(uri, body, buffer)) {
      count += n;
      if (count > maxBytes) {
        throw new BullaException(
            ErrorCode.INPUT_TOO_LARGE, "downloading " + uri + ": more than " + maxBytes + " bytes");
      }
      out.write(buffer, 0, n);
    }
  }

  /** Keeps a broken connection apart from a disk that cannot be written. */
  private static int read(URI uri, InputStream body, byte[] buffer) {
    try {
      return body.read(buffer);
    } catch (IOException e) {
      throw unavailable(uri, "the connection broke: " + e.getMessage(), e);
    }
  }

  private static BullaException unavailable(URI uri, String why, @Nullable Throwable cause) {
    return new BullaException(
        ErrorCode.INPUT_UNAVAILABLE,
        "downloading %s: %s".formatted(Shown.text(uri.toString()), Shown.text(why)),
        "Check the URL, or download the file yourself and name its path as sourceUri.",
        cause);
  }
}
