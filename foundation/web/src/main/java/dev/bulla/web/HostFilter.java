package dev.bulla.web;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Lets only those requests pass that name this server by one of its own names.
 *
 * <p>A web page that rebinds its own name to a loopback address still sends that name as Host, and
 * a page of another origin that posts here sends its Origin: both are refused, so a browser on this
 * machine cannot be made to use the server.
 */
final class HostFilter implements Filter {
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private final Set<String> hosts;

  HostFilter(List<String> more) {
    this.hosts = new TreeSet<>(LOOPBACK);
    more.forEach(host -> hosts.add(host.toLowerCase(Locale.ROOT)));
  }

  @Override
  public void check(Exchange exchange) {
    int named = exchange.headers("Host").size();
    String host = exchange.authority();
    if (named > 1 || host.isEmpty()) {
      throw new BullaException(
          ErrorCode.REQUEST_INVALID,
          "the request has " + named + " Host headers, expected exactly one");
    }
    if (!knows(nameOf(host))) {
      throw refused("Host", host);
    }
    for (String origin : exchange.headers("Origin")) {
      if (!origin.equalsIgnoreCase("http://" + host)
          && !origin.equalsIgnoreCase("https://" + host)) {
        throw refused("Origin", origin);
      }
    }
  }

  @Override
  public boolean mayWait(Exchange exchange) {
    return false;
  }

  /** Names may begin with {@code *.}, as in certificates: one label stands there. */
  private boolean knows(String name) {
    int dot = name.indexOf('.');
    return hosts.contains(name) || dot > 0 && hosts.contains("*" + name.substring(dot));
  }

  /** The name without the port, in lower case. */
  private static String nameOf(String authority) {
    int colon = authority.lastIndexOf(':');
    boolean port = colon > authority.lastIndexOf(']');
    return (port ? authority.substring(0, colon) : authority).toLowerCase(Locale.ROOT);
  }

  private BullaException refused(String header, String value) {
    return new BullaException(
        ErrorCode.ACCESS_DENIED,
        "%s '%s' is not a name of this server, expected one of %s"
            .formatted(header, Shown.text(value), String.join(", ", hosts)),
        "Address the server as localhost, or add the name to its configured hosts.");
  }
}
