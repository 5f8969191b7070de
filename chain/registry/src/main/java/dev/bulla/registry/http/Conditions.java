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

  private static String tag(Digest digest) {
    return "\"" + digest + "\"";
  }
}
