package dev.bulla.web;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.Request;

/**
 * Who is at the other end of a request, and how this server was addressed.
 *
 * <p>Headers that speak for another caller ({@code X-Forwarded-For}, {@code -Proto}, {@code -Host})
 * are believed of configured proxies alone. From anybody else they change nothing but this: whoever
 * sends them is not taken for somebody on this machine, so that a proxy that nobody configured does
 * not make the whole world local.
 *
 * @param authority empty if the request has none
 */
record Caller(InetAddress address, boolean local, String scheme, String authority) {
  private static final int MAX_HOPS = 32;
  private static final List<String> FORWARDING =
      List.of("X-Forwarded-For", "Forwarded", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP");

  static Caller of(HttpServletRequest request, Request jetty, Proxies proxies) {
    InetAddress peer = peer(jetty);
    String authority = authority(request, jetty);
    boolean forwarded = FORWARDING.stream().anyMatch(name -> request.getHeader(name) != null);
    if (forwarded && proxies.contains(peer)) {
      return new Caller(
          origin(request, peer, proxies),
          false,
          scheme(request),
          lastOf(request, "X-Forwarded-Host", authority));
    }
    boolean local =
        !forwarded
            && peer.isLoopbackAddress()
            && jetty.getConnectionMetaData().getConnector() instanceof FileConnector connector
            && connector.local();
    return new Caller(peer, local, request.getScheme(), authority);
  }

  private static InetAddress peer(Request jetty) {
    if (jetty.getConnectionMetaData().getRemoteSocketAddress() instanceof InetSocketAddress peer
        && peer.getAddress() != null) {
      return peer.getAddress();
    }
    throw new IllegalStateException("the other end of a connection has no address");
  }

  /** HTTP/2 has it in the request line; the Host header of HTTP/1.1 is what was sent. */
  private static String authority(HttpServletRequest request, Request jetty) {
    String host = request.getHeader("Host");
    if (host != null) {
      return host;
    }
    HttpURI uri = jetty.getHttpURI();
    return uri.getAuthority() == null ? "" : uri.getAuthority();
  }

  /** The nearest hop that is no proxy of ours: whatever stands before it anybody could write. */
  private static InetAddress origin(HttpServletRequest request, InetAddress peer, Proxies proxies) {
    List<String> hops = new ArrayList<>();
    for (String line : Collections.list(request.getHeaders("X-Forwarded-For"))) {
      hops.addAll(List.of(line.split(",", -1)));
    }
    if (hops.size() > MAX_HOPS) {
      throw invalid("X-Forwarded-For", hops.size() + " hops");
    }
    InetAddress nearest = peer;
    for (String hop : hops.reversed()) {
      nearest = Proxies.address(hop.strip()).orElseThrow(() -> invalid("X-Forwarded-For", hop));
      if (!proxies.contains(nearest)) {
        return nearest;
      }
    }
    return nearest;
  }

  private static String scheme(HttpServletRequest request) {
    String scheme =
        lastOf(request, "X-Forwarded-Proto", request.getScheme()).toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw invalid("X-Forwarded-Proto", scheme);
    }
    return scheme;
  }

  private static String lastOf(HttpServletRequest request, String header, String otherwise) {
    List<String> lines = Collections.list(request.getHeaders(header));
    if (lines.isEmpty()) {
      return otherwise;
    }
    String line = lines.getLast();
    return line.substring(line.lastIndexOf(',') + 1).strip();
  }

  private static BullaException invalid(String header, String value) {
    return new BullaException(
        ErrorCode.REQUEST_INVALID, "%s is refused: '%s'".formatted(header, Shown.text(value)));
  }
}
