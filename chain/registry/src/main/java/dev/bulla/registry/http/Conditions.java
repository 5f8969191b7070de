package dev.bulla.registry.http;

import dev.bulla.core.Digest;
import dev.bulla.web.Exchange;

/** Conditional requests: the entity tag of content is its digest (RFC 9110 section 13). */
final class Conditions {
  private Conditions() {}

  /** Sets the headers that name the content. */
  static void describe(Exchange exchange, Digest digest) {
    exchange.setHeader("Docker-Content-Digest", digest.toString()).setHeader("ETag", tag(digest));
  }

  /** Whether the caller says that it has the content already. */
  static boolean isKnown(Exchange exchange, Digest digest) {
    for (String line : exchange.headers("If-None-Match")) {
      for (String one : line.split(",")) {
        String tag = one.strip();
        if (tag.equals("*") || tag.equals(tag(digest)) || tag.equals("W/" + tag(digest))) {
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

  private static String tag(Digest digest) {
    return "\"" + digest + "\"";
  }
}
