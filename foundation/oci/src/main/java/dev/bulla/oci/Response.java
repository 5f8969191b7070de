package dev.bulla.oci;

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

  /** Lets go of the body. */
  void discard() {
    ResumingDownload.closeQuietly(body);
  }
}
