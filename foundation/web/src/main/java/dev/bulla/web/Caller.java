package dev.bulla.web;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
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
  private static final EnumSet<HttpHeader> FORWARDING =
      EnumSet.of(
          HttpHeader.X_FORWARDED_FOR,
          HttpHeader.FORWARDED,
          HttpHeader.X_FORWARDED_HOST,
          HttpHeader.X_FORWARDED_PROTO);

  static Caller of(Request request, Proxies proxies) {
    InetAddress peer = peer(request);
    String authority = authority(request);
    HttpFields headers = request.getHeaders();
    boolean forwarded = headers.contains(FORWARDING) || headers.contains("X-Real-IP");
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
            && request.getConnectionMetaData().getConnector() instanceof FileConnector connector
            && connector.local();
    return new Caller(peer, local, sent(request), authority);
  }

  private static InetAddress peer(Request request) {
    if (request.getConnectionMetaData().getRemoteSocketAddress() instanceof InetSocketAddress peer
        && peer.getAddress() != null) {
      return peer.getAddress();
    }
    throw new IllegalStateException("the other end of a connection has no address");
  }

  /** HTTP/2 has it in the request line; the Host header of HTTP/1.1 is what was sent. */
  private static String authority(Request request) {
    String host = request.getHeaders().get(HttpHeader.HOST);
    if (host != null) {
      return host;
    }
    HttpURI uri = request.getHttpURI();
    return uri.getAuthority() == null ? "" : uri.getAuthority();
  }

  /** The nearest hop that is no proxy of ours: whatever stands before it anybody could write. */
  private static InetAddress origin(Request request, InetAddress peer, Proxies proxies) {
    List<String> hops = new ArrayList<>();
    for (String line : request.getHeaders().getValuesList("X-Forwarded-For")) {
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

  private static String scheme(Request request) {
    String scheme = lastOf(request, "X-Forwarded-Proto", sent(request)).toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw invalid("X-Forwarded-Proto", scheme);
    }
    return scheme;
  }

  private static String sent(Request request) {
    return request.isSecure() ? "https" : "http";
  }

  private static String lastOf(Request request, String header, String otherwise) {
    List<String> lines = request.getHeaders().getValuesList(header);
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
