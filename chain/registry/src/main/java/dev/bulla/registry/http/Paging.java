package dev.bulla.registry.http;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.web.Exchange;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * Which part of a list is asked for (specification 1.1, "Listing Tags").
 *
 * @param limit at most so many entries
 * @param last the entry after which to go on, or the empty string
 */
record Paging(int limit, String last) {
  private static final int MAX = 10_000;
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,100}");

  /** Reads {@code n} and {@code last}; {@code standard} entries unless asked otherwise. */
  static Paging of(Exchange exchange, int standard) {
    int limit = exchange.query("n").map(Paging::limit).orElse(standard);
    return new Paging(limit, exchange.query("last").orElse(""));
  }

  /** Says where the next part is. */
  void linkNext(Exchange exchange, String lastEntry, String moreQuery) {
    String next =
        "<%s?n=%d&last=%s%s>; rel=\"next\""
            .formatted(exchange.path(), limit, encoded(lastEntry), moreQuery);
    exchange.setHeader("Link", next);
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static int limit(String text) {
    if (NUMBER.matcher(text).matches()) {
      return text.length() > 9 ? MAX : Math.min(Integer.parseInt(text), MAX);
    }
    throw new BullaException(
        ErrorCode.REQUEST_INVALID,
        "n is '" + Shown.text(text) + "', expected a whole number from 0 on");
  }
}
