package dev.bulla.registry.azure;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.registry.RegistryProperties.After;
import dev.bulla.registry.RegistryProperties.Order;
import dev.bulla.web.Exchange;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * Which part of a list is asked for: {@code n}, {@code last} and {@code orderby} as Azure has them.
 * A list by time also says {@code at}, the time of the last entry, in its link: the next page does
 * not depend on whether that entry is still there.
 */
record AzurePaging(int limit, Order order, String orderText, After after) {
  private static final int STANDARD = 100;
  private static final int MAX = 1_000;

  static AzurePaging of(Exchange exchange) {
    long limit = exchange.query("n").map(text -> number("n", text)).orElse((long) STANDARD);
    String orderText = exchange.query("orderby").orElse("");
    Order order =
        switch (orderText) {
          case "timeasc" -> Order.OLDEST_FIRST;
          case "timedesc" -> Order.NEWEST_FIRST;
          case "", "none" -> Order.NAME;
          default ->
              throw new BullaException(
                  ErrorCode.REQUEST_INVALID,
                  "orderby is '%s', expected timeasc, timedesc or none"
                      .formatted(Shown.text(orderText)));
        };
    String last = exchange.query("last").orElse("");
    long at = exchange.query("at").map(text -> number("at", text)).orElse(-1L);
    if (order != Order.NAME && !last.isEmpty() && at < 0) {
      throw new BullaException(
          ErrorCode.REQUEST_INVALID,
          "a list by time cannot go on after a name alone",
          "Follow the Link header of the page before.");
    }
    return new AzurePaging(
        (int) Math.clamp(limit, 1, MAX), order, orderText, new After(last, Math.max(0, at)));
  }

  /** Says where the next part is. */
  void linkNext(Exchange exchange, String last, long at) {
    StringBuilder link = new StringBuilder("<");
    link.append(exchange.path()).append("?last=").append(encoded(last)).append("&n=").append(limit);
    if (order != Order.NAME) {
      link.append("&orderby=").append(orderText).append("&at=").append(at);
    }
    exchange.query("digest").ifPresent(digest -> link.append("&digest=").append(encoded(digest)));
    exchange.setHeader("Link", link.append(">; rel=\"next\"").toString());
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static long number(String name, String text) {
    if (!text.matches("[0-9]{1,15}")) {
      throw new BullaException(
          ErrorCode.REQUEST_INVALID,
          "%s is '%s', expected a whole number".formatted(name, Shown.text(text)));
    }
    return Long.parseLong(text);
  }
}
