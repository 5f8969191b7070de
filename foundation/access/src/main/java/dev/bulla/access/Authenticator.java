package dev.bulla.access;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.web.Exchange;
import dev.bulla.web.Filter;
import dev.bulla.web.Guard;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Finds out who is calling, and lets only the owner reach guarded routes.
 *
 * <p>The rule of the house: who has no credential is anonymous and must be on this machine; a
 * credential that is not right is refused, never ignored. The token comes as {@code Bearer TOKEN}
 * or as the password of {@code Basic}, whatever the user name, because that is what registry
 * clients can send.
 */
public final class Authenticator implements Filter, Guard {
  private final ServerToken token;

  public Authenticator(ServerToken token) {
    this.token = token;
  }

  /** Attaches the {@link Principal}. */
  @Override
  public void check(Exchange exchange) {
    if (!exchange.remoteAddress().isLoopbackAddress()) {
      throw new BullaException(
          ErrorCode.ACCESS_DENIED,
          "calls from %s are refused: this server answers its own machine only"
              .formatted(exchange.remoteAddress().getHostAddress()));
    }
    List<String> credentials = exchange.headers("Authorization");
    if (credentials.size() > 1) {
      throw new BullaException(
          ErrorCode.REQUEST_INVALID, "the request has several Authorization headers");
    }
    exchange.attribute(
        Principal.class,
        credentials.isEmpty() ? Principal.ANONYMOUS : owner(credentials.getFirst()));
  }

  @Override
  public void admit(Exchange exchange) {
    Principal.of(exchange).requireOwner(exchange.method() + " " + Shown.text(exchange.path()));
  }

  private Principal owner(String credential) {
    if (secretOf(credential).filter(token::matches).isEmpty()) {
      throw new BullaException(
          ErrorCode.ACCESS_UNAUTHENTICATED,
          "the credential is not the token of this server",
          "Send the token from server.json in the home directory, or no credential at all.");
    }
    return Principal.OWNER;
  }

  private static Optional<String> secretOf(String credential) {
    int space = credential.indexOf(' ');
    String scheme = space < 0 ? "" : credential.substring(0, space);
    String value = credential.substring(space + 1).strip();
    if (scheme.equalsIgnoreCase("Bearer")) {
      return Optional.of(value);
    }
    return scheme.equalsIgnoreCase("Basic") ? passwordOf(value) : Optional.empty();
  }

  private static Optional<String> passwordOf(String value) {
    try {
      String pair = new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8);
      int colon = pair.indexOf(':');
      return colon < 0 ? Optional.empty() : Optional.of(pair.substring(colon + 1));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
