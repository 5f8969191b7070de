package dev.bulla.web;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Locale;

/**
 * An address to listen at. Plain HTTP is for loopback only; HTTPS may be for everybody.
 *
 * @param tls whether it speaks HTTPS
 * @param host an address or name that stands for a loopback address
 * @param port 0 lets the system choose
 * @param isLoopback whether only this machine can reach it; {@link #outward} says no of a loopback
 *     address too
 */
public record Listener(boolean tls, String host, int port, boolean isLoopback) {

  public Listener(boolean tls, String host, int port) {
    this(tls, host, port, isLoopback(host));
  }

  public Listener {
    if (port < 0 || port > 65_535) {
      throw refused(host + ":" + port, "the port must be between 0 and 65535");
    }
    if (!isLoopback && !tls) {
      throw refused(
          url(tls, host, port),
          "plain HTTP is served on loopback addresses only, because it carries tokens in the"
              + " clear");
    }
  }

  public static Listener http(String host, int port) {
    return new Listener(false, host, port);
  }

  /**
   * Parses {@code http://HOST:PORT} and {@code https://HOST:PORT}.
   *
   * @throws BullaException {@link ErrorCode#LISTENER_REFUSED} saying why not
   */
  public static Listener parse(String text) {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw refused(text, "it is not a URL");
    }
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    if (!(scheme.equals("http") || scheme.equals("https")) || uri.getHost() == null) {
      throw refused(text, "it is not of the form http://HOST:PORT or https://HOST:PORT");
    }
    if (uri.getPort() < 0) {
      throw refused(text, "the port is missing");
    }
    boolean more =
        uri.getUserInfo() != null
            || uri.getQuery() != null
            || uri.getFragment() != null
            || !(uri.getPath().isEmpty() || uri.getPath().equals("/"));
    if (more) {
      throw refused(text, "it has more than host and port");
    }
    return new Listener(scheme.equals("https"), uri.getHost(), uri.getPort());
  }

  /** The same as if other machines could reach it, because something stands before it. */
  public Listener outward() {
    return new Listener(tls, host, port, false);
  }

  @Override
  public String toString() {
    return url(tls, host, port);
  }

  private static String url(boolean tls, String host, int port) {
    return (tls ? "https://" : "http://") + host + ":" + port;
  }

  private static boolean isLoopback(String host) {
    try {
      for (InetAddress address : InetAddress.getAllByName(host)) {
        if (!address.isLoopbackAddress()) {
          return false;
        }
      }
      return true;
    } catch (UnknownHostException e) {
      throw refused(host, "the host name has no address");
    }
  }

  private static BullaException refused(String listener, String why) {
    return new BullaException(
        ErrorCode.LISTENER_REFUSED,
        "cannot listen at '" + Shown.text(listener) + "': " + why,
        "Use a loopback address, for example http://127.0.0.1:7080, or https:// with"
            + " --tls-certificate.");
  }
}
