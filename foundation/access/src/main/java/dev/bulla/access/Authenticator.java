package dev.bulla.access;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.web.Exchange;
import dev.bulla.web.Filter;
import dev.bulla.web.Guard;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Finds out who is calling, and lets only the owner reach guarded routes.
 *
 * <p>The rule of the house: who has no credential is anonymous, and may less if he is not on this
 * machine; a credential that is not right is refused, never ignored. The token comes as {@code
 * Bearer TOKEN} or as the password of {@code Basic}, whatever the user name, because that is what
 * registry clients can send.
 */
public final class Authenticator implements Filter, Guard {
  private final ServerToken token;
  private final Optional<Robots> robots;
  private final Optional<AccessTokens> tokens;
  private final Optional<Workloads> workloads;
  private final Attempts attempts;

  /** Only the owner has a credential. */
  public Authenticator(ServerToken token) {
    this(token, Optional.empty(), Optional.empty(), Optional.empty(), InstantSource.system());
  }

  /** Nobody else vouches for anybody. */
  public Authenticator(ServerToken token, Robots robots, AccessTokens tokens, InstantSource clock) {
    this(token, Optional.of(robots), Optional.of(tokens), Optional.empty(), clock);
  }

  public Authenticator(
      ServerToken token,
      Robots robots,
      AccessTokens tokens,
      Workloads workloads,
      InstantSource clock) {
    this(token, Optional.of(robots), Optional.of(tokens), Optional.of(workloads), clock);
  }

  private Authenticator(
      ServerToken token,
      Optional<Robots> robots,
      Optional<AccessTokens> tokens,
      Optional<Workloads> workloads,
      InstantSource clock) {
    this.token = token;
    this.robots = robots;
    this.tokens = tokens;
    this.workloads = workloads;
    this.attempts = new Attempts(clock);
  }

  /** Attaches the {@link Principal}. */
  @Override
  public void check(Exchange exchange) {
    List<String> credentials = exchange.headers("Authorization");
    if (credentials.size() > 1) {
      throw new BullaException(
          ErrorCode.REQUEST_INVALID, "the request has several Authorization headers");
    }
    exchange.attribute(
        Principal.class,
        credentials.isEmpty()
            ? byConnection(exchange)
            : known(exchange, credentials.getFirst()).at(exchange));
  }

  /** Credentials may have to be looked up; somebody without one is nobody in particular. */
  @Override
  public boolean mayWait(Exchange exchange) {
    return exchange.header("Authorization").isPresent() || !exchange.clientCertificates().isEmpty();
  }

  /** Who sends no credential may be known by his certificate. */
  private Principal byConnection(Exchange exchange) {
    List<X509Certificate> shown = exchange.clientCertificates();
    Optional<Principal> known =
        shown.isEmpty()
            ? Optional.empty()
            : workloads.flatMap(all -> all.byCertificate(shown.getFirst()));
    return known
        .map(one -> one.at(exchange))
        .orElseGet(() -> Principal.anonymous(exchange.local()));
  }

  @Override
  public void admit(Exchange exchange) {
    Principal.of(exchange).requireOwner(exchange.method() + " " + Shown.text(exchange.path()));
  }

  /**
   * Who has this name and password.
   *
   * @throws BullaException {@link ErrorCode#ACCESS_UNAUTHENTICATED} if nobody has; {@link
   *     ErrorCode#RATE_LIMITED} after too many wrong ones
   */
  Principal byPassword(Exchange exchange, String name, String password) {
    String place = exchange.remoteAddress().getHostAddress();
    attempts.check(place);
    if (token.matches(password)) {
      return Principal.OWNER;
    }
    if (name.equals(RefreshTokens.USER)) {
      Optional<Principal> refreshed = byRefreshToken(password);
      if (refreshed.isPresent()) {
        return refreshed.get();
      }
    }
    if (workloads.isPresent() && IdentityTokens.looksLikeOne(password)) {
      return workloads.get().byToken(password);
    }
    return robots
        .flatMap(all -> all.find(name, password))
        .map(robot -> new Principal(Principal.Kind.ROBOT, robot.name(), robot.grants()))
        .orElseThrow(() -> {
          attempts.wrong(place);
          return wrong();
        });
  }

  /** Whose refresh token this is. A robot has the grants of now, and none once it was removed. */
  Optional<Principal> byRefreshToken(String text) {
    return tokens
        .flatMap(all -> all.refresh().verify(text))
        .flatMap(principal -> robots.isEmpty() ? Optional.of(principal) : current(principal));
  }

  private Optional<Principal> current(Principal principal) {
    if (principal.kind() == Principal.Kind.WORKLOAD) {
      return workloads.filter(all -> all.vouchesFor(principal)).map(all -> principal);
    }
    boolean named = principal.kind() == Principal.Kind.ROBOT;
    if (!named || principal.name().equals(Principal.OWNER.name())) {
      return Optional.of(principal);
    }
    return robots.orElseThrow().list().stream()
        .filter(robot -> robot.name().equals(principal.name()))
        .findFirst()
        .map(robot -> new Principal(Principal.Kind.ROBOT, robot.name(), robot.grants()));
  }

  private Principal known(Exchange exchange, String credential) {
    int space = credential.indexOf(' ');
    String scheme = space < 0 ? "" : credential.substring(0, space);
    String value = credential.substring(space + 1).strip();
    if (scheme.equalsIgnoreCase("Bearer")) {
      return token.matches(value) ? Principal.OWNER : byBearer(value);
    }
    if (!scheme.equalsIgnoreCase("Basic")) {
      throw wrong();
    }
    String[] pair = pairOf(value);
    return byPassword(exchange, pair[0], pair[1]);
  }

  /** A token of ours, which we alone can have made, or one of a trusted issuer. */
  private Principal byBearer(String value) {
    Optional<Principal> own = tokens.flatMap(all -> all.verify(value));
    if (own.isPresent()) {
      return own.get();
    }
    if (AccessTokens.looksLikeOurs(value)) {
      throw new BullaException(
          ErrorCode.ACCESS_UNAUTHENTICATED,
          "the token is none of this server, or its time is over",
          "Get a new one where the challenge says.");
    }
    if (workloads.isEmpty() || !IdentityTokens.looksLikeOne(value)) {
      throw wrong();
    }
    return workloads.get().byToken(value);
  }

  private static BullaException wrong() {
    return new BullaException(
        ErrorCode.ACCESS_UNAUTHENTICATED,
        "the credential is not the token of this server, nor that of a robot",
        "Send the token from server.json in the home directory, the name and secret of a robot, or"
            + " no credential at all.");
  }

  private static String[] pairOf(String value) {
    try {
      String pair = new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      if (colon >= 0) {
        return new String[] {pair.substring(0, colon), pair.substring(colon + 1)};
      }
    } catch (IllegalArgumentException e) {
      // told below
    }
    throw wrong();
  }
}
