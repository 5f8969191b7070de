package dev.bulla.registry.http;

import dev.bulla.core.Digest;
import dev.bulla.web.Exchange;
import java.util.Optional;

/** Conditional requests: the entity tag of content is its digest (RFC 9110 section 13). */
final class Conditions {
  private Conditions() {}

  /** Sets the headers that name the content. */
  static void describe(Exchange exchange, Digest digest) {
    exchange.setHeader("Docker-Content-Digest", digest.toString()).setHeader("ETag", tag(digest));
  }

  /** Whether the caller says that it has the content already. */
  static boolean isKnown(Exchange exchange, Digest digest) {
    return names(exchange, "If-None-Match", tag(digest), true);
  }

  /**
   * Whether {@code If-Match} allows a change of what has this entity tag now; without the header
   * everything may be changed. Weak tags never match (RFC 9110 section 13.1.1).
   *
   * @param current empty if there is nothing
   */
  static boolean isMatched(Exchange exchange, Optional<String> current) {
    return exchange.headers("If-Match").isEmpty()
        || current.isPresent() && names(exchange, "If-Match", current.get(), false);
  }

  private static boolean names(Exchange exchange, String header, String wanted, boolean weakly) {
    for (String line : exchange.headers(header)) {
      for (String one : line.split(",")) {
        String tag = one.strip();
        if (tag.equals("*") || tag.equals(wanted) || weakly && tag.equals("W/" + wanted)) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Whether a part may be sent: {@code If-Range} must name this very content, or the caller would
   * put parts of two contents together (RFC 9110 section 13.1.5). A time names none.
   */
  static boolean isRangeMeant(Exchange exchange, Digest digest) {
    return exchange
        .header("If-Range")
        .map(String::strip)
        .filter(s -> !s.equals(tag(digest)))
        .isEmpty();
  }

  static String tag(Digest digest) {
    return "\"" + digest + "\"";
  }
}
