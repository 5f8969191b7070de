package dev.bulla.access;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.web.Exchange;
import dev.bulla.web.Filter;
import dev.bulla.web.RetryAfter;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many requests a caller may send: so many a second, and ten seconds' worth at once (token
 * bucket). Callers are told apart by who they are; those without a credential by their address, of
 * IPv6 the network of 64 bits that one subscriber has. The owner, and callers of this machine
 * without a credential, are not counted.
 *
 * <p>Each replica counts for itself. The {@value #CALLERS} newest callers are remembered.
 * Thread-safe.
 */
public final class RateLimits implements Filter {
  private static final int CALLERS = 10_000;
  private static final int BURST_SECONDS = 10;
  private static final int SUBSCRIBER_BYTES = 8;

  private static final class Bucket {
    private double left;
    private long filled;

    Bucket(double left, long filled) {
      this.left = left;
      this.filled = filled;
    }
  }

  private final int named;
  private final int anonymous;
  private final InstantSource clock;
  private final Map<String, Bucket> buckets =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
          return size() > CALLERS;
        }
      };

  /**
   * @param named requests a second for callers with a credential; 0 does not count them
   * @param anonymous the same for callers without
   */
  public RateLimits(int named, int anonymous, InstantSource clock) {
    this.named = named;
    this.anonymous = anonymous;
    this.clock = clock;
  }

  /**
   * @throws BullaException {@link ErrorCode#RATE_LIMITED}
   */
  @Override
  public void check(Exchange exchange) {
    Principal principal = Principal.of(exchange);
    int rate = principal.isAnonymous() ? anonymous : named;
    if (rate == 0 || principal.isOwner() || principal.isAnonymous() && principal.local()) {
      return;
    }
    String caller =
        principal.isAnonymous()
            ? network(exchange.remoteAddress())
            : principal.kind() + " " + principal.name();
    double wait = take(caller, rate);
    if (wait > 0) {
      exchange.attribute(RetryAfter.class, new RetryAfter((long) Math.ceil(wait)));
      throw new BullaException(
          ErrorCode.RATE_LIMITED,
          "more than %d requests a second from %s"
              .formatted(rate, principal.isAnonymous() ? caller : principal.name()),
          "Ask less often; Retry-After says when to ask again.");
    }
  }

  @Override
  public boolean mayWait(Exchange exchange) {
    return false;
  }

  /** Takes one request; the seconds to wait if there is none left. */
  private synchronized double take(String caller, int rate) {
    long now = clock.millis();
    double full = (double) rate * BURST_SECONDS;
    Bucket bucket = buckets.computeIfAbsent(caller, name -> new Bucket(full, now));
    double gained = Math.max(0, now - bucket.filled) / 1_000.0 * rate;
    bucket.left = Math.min(full, bucket.left + gained);
    bucket.filled = now;
    if (bucket.left < 1) {
      return (1 - bucket.left) / rate;
    }
    bucket.left -= 1;
    return 0;
  }

  private static String network(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length > 4
        ? HexFormat.ofDelimiter(":").formatHex(Arrays.copyOf(bytes, SUBSCRIBER_BYTES)) + "::/64"
        : address.getHostAddress();
  }
}
