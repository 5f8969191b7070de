package dev.bulla.registry.http;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.web.Exchange;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a chunk of an upload belongs: {@code START-END}, both inclusive (specification 1.1,
 * "Pushing a blob in chunks"). The unit and total of RFC 9110 are tolerated.
 */
record ContentRange(long first, long last) {
  private static final Pattern FORM =
      Pattern.compile("(?:bytes[ =])?([0-9]{1,18})-([0-9]{1,18})(?:/(?:\\*|[0-9]+))?");

  /** The chunk's place; empty if the request does not say. */
  static Optional<ContentRange> of(Exchange exchange) {
    Optional<ContentRange> range = exchange.header("Content-Range").map(ContentRange::parse);
    range.ifPresent(r -> r.checkLength(exchange.contentLength()));
    return range;
  }

  static ContentRange parse(String text) {
    Matcher form = FORM.matcher(text.strip());
    if (!form.matches()) {
      throw refused(text, "it is not START-END");
    }
    long first = Long.parseLong(form.group(1));
    long last = Long.parseLong(form.group(2));
    if (last < first) {
      throw refused(text, "it ends before it begins");
    }
    return new ContentRange(first, last);
  }

  long length() {
    return last - first + 1;
  }

  private void checkLength(OptionalLong announced) {
    if (announced.isPresent() && announced.getAsLong() != length()) {
      throw new BullaException(
          ErrorCode.SIZE_MISMATCH,
          "Content-Range %d-%d says %d bytes, Content-Length says %d"
              .formatted(first, last, length(), announced.getAsLong()));
    }
  }

  private static BullaException refused(String text, String why) {
    return new BullaException(
        ErrorCode.REQUEST_INVALID, "Content-Range '" + Shown.text(text) + "' is refused: " + why);
  }
}
