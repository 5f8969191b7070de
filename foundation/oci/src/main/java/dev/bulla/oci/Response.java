package dev.bulla.oci;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * An answer whose head has been read.
 *
 * @param uri where the request went
 * @param headers names in lower case
 * @param body to be closed by whoever got the response; empty if there is none
 */
record Response(int status, URI uri, Map<String, List<String>> headers, InputStream body) {

  Optional<String> header(String name) {
    return headers(name).stream().findFirst();
  }

  List<String> headers(String name) {
    return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
  }

  /** Bytes of the body as announced, for {@code HEAD} as well; -1 if not told. */
  long length() {
    return header("content-length")
        .map(String::strip)
        .filter(text -> text.matches("[0-9]{1,18}"))
        .map(Long::parseLong)
        .orElse(-1L);
  }

  /** The media type of the body, without parameters. */
  Optional<String> contentType() {
    return header("content-type")
        .map(value -> value.replaceFirst(";.*", "").strip())
        .filter(value -> !value.isEmpty());
  }

  /**
   * The whole body, which is closed.
   *
   * @param what it is, for errors
   * @throws BullaException {@code INPUT_TOO_LARGE}, {@code REGISTRY_UNAVAILABLE}
   */
  byte[] bytes(int maxBytes, String what) {
    try (InputStream in = body) {
      byte[] bytes = in.readNBytes(maxBytes + 1);
      if (bytes.length > maxBytes) {
        throw new BullaException(
            ErrorCode.INPUT_TOO_LARGE,
            "%s: more than the %d bytes that are read".formatted(what, maxBytes));
      }
      return bytes;
    } catch (IOException e) {
      throw new BullaException(
          ErrorCode.REGISTRY_UNAVAILABLE,
          "%s: the connection broke: %s".formatted(what, e.getMessage()),
          "Try again.",
          e);
    }
  }

  /** Lets go of the body. */
  void discard() {
    ResumingDownload.closeQuietly(body);
  }
}
