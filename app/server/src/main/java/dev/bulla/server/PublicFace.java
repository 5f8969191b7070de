package dev.bulla.server;

import dev.bulla.access.RateLimits;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.keys.ClientAuthorities;
import dev.bulla.keys.TlsFiles;
import dev.bulla.web.Exchange;
import dev.bulla.web.Listener;
import dev.bulla.web.Proxies;
import dev.bulla.web.PublicTls;
import dev.bulla.web.WebServer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * What other machines see of a server.
 *
 * @param certificate the chain for listeners beyond loopback, the leaf first
 * @param key of that certificate
 * @param clientAuthorities whose certificates callers may show there
 * @param clientRevocations revocation lists of these authorities
 * @param hosts names of this server beside those in the certificate
 * @param proxies whose word about a caller counts
 * @param requests a second for each caller with a credential; 0 does not count them
 * @param anonymousRequests the same for callers elsewhere without one
 */
public record PublicFace(
    Optional<Path> certificate,
    Optional<Path> key,
    Optional<Path> clientAuthorities,
    Optional<Path> clientRevocations,
    List<String> hosts,
    List<String> proxies,
    int requests,
    int anonymousRequests) {
  /** Requests a second for callers with a credential, unless set. */
  public static final int REQUESTS = 500;

  /** The same for callers elsewhere without one. */
  public static final int ANONYMOUS_REQUESTS = 50;

  /** Nothing: loopback only. */
  public static final PublicFace NONE =
      new PublicFace(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          List.of(),
          REQUESTS,
          ANONYMOUS_REQUESTS);

  public PublicFace {
    hosts = List.copyOf(hosts);
    proxies = List.copyOf(proxies);
    if (requests < 0 || anonymousRequests < 0) {
      throw new BullaException(ErrorCode.USAGE, "requests a second are 0 or more");
    }
    if (certificate.isPresent() != key.isPresent()) {
      throw new BullaException(
          ErrorCode.USAGE,
          "--tls-certificate and --tls-key belong together",
          "Give both: the chain in PEM, and its key.");
    }
    if (clientAuthorities.isPresent() && certificate.isEmpty()) {
      throw new BullaException(
          ErrorCode.USAGE, "--tls-client-ca is for listeners with --tls-certificate");
    }
    if (clientRevocations.isPresent() && clientAuthorities.isEmpty()) {
      throw new BullaException(ErrorCode.USAGE, "--tls-client-crl belongs to --tls-client-ca");
    }
  }

  RateLimits limits(InstantSource clock) {
    return new RateLimits(requests, anonymousRequests, clock);
  }

  /**
   * Puts it on.
   *
   * @throws BullaException {@link ErrorCode#LISTENER_REFUSED} if other machines shall be served
   *     without a certificate
   */
  WebServer.Builder on(
      WebServer.Builder builder,
      List<Listener> listeners,
      InstantSource clock,
      SecureRandom random) {
    builder.proxies(Proxies.parse(proxies));
    hosts.forEach(builder::host);
    Optional<Listener> beyond = listeners.stream().filter(one -> !one.isLoopback()).findFirst();
    if (beyond.isEmpty()) {
      return builder;
    }
    if (certificate.isEmpty() || key.isEmpty()) {
      throw new BullaException(
          ErrorCode.LISTENER_REFUSED,
          "cannot listen at '%s': other machines need a certificate that they can check"
              .formatted(beyond.get()),
          "Give --tls-certificate and --tls-key, or listen on loopback only.");
    }
    TlsFiles files = TlsFiles.open(certificate.get(), key.get(), clock);
    files.names().forEach(builder::host);
    Optional<ClientAuthorities> clients =
        clientAuthorities.map(file -> ClientAuthorities.open(file, clientRevocations, clock));
    clients
        .filter(ClientAuthorities::hasLists)
        .ifPresent(all -> builder.filter(exchange -> requireTrusted(exchange, all)));
    return builder.publicTls(
        new PublicTls(files.server(clients, random), clientAuthorities.isPresent()));
  }

  /** A certificate may be taken back while its connection is open, or before it is resumed. */
  private static void requireTrusted(Exchange exchange, ClientAuthorities clients) {
    List<X509Certificate> shown = exchange.clientCertificates();
    if (!shown.isEmpty() && !clients.isTrusted(shown)) {
      throw new BullaException(
          ErrorCode.ACCESS_UNAUTHENTICATED,
          "the client certificate is revoked, or whether it is cannot be told",
          "Use another; or give the server current lists of its issuers (--tls-client-crl).");
    }
  }
}
