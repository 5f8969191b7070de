package dev.bulla.access;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.web.Exchange;
import java.util.List;

/**
 * Who is calling.
 *
 * @param name for messages and the audit trail
 * @param grants beside what everybody may
 */
public record Principal(Kind kind, String name, List<Grant> grants) {

  /** What a caller may be. */
  public enum Kind {
    /** Somebody on this machine without a credential. */
    ANONYMOUS,
    /** A machine that has a name and a secret. */
    ROBOT,
    /** The holder of the server's own token, who may do everything. */
    OWNER
  }

  public static final Principal ANONYMOUS = new Principal(Kind.ANONYMOUS, "anonymous", List.of());
  public static final Principal OWNER = new Principal(Kind.OWNER, "owner", List.of());

  /**
   * The caller of an exchange that went through an {@link Authenticator}; anonymous if it did not.
   */
  public static Principal of(Exchange exchange) {
    return exchange.attribute(Principal.class).orElse(ANONYMOUS);
  }

  public Principal {
    grants = List.copyOf(grants);
  }

  /** Whether this caller may do something that not everybody may. */
  public boolean may(Permission permission, String repository) {
    return isOwner()
        || grants.stream()
            .anyMatch(one -> one.permissions().contains(permission) && one.matches(repository));
  }

  public boolean isOwner() {
    return kind == Kind.OWNER;
  }

  /**
   * Returns if this is the owner.
   *
   * @param what names what is asked for, in the refusal
   * @throws BullaException {@link ErrorCode#ACCESS_UNAUTHENTICATED} otherwise
   */
  public void requireOwner(String what) {
    if (!isOwner()) {
      throw new BullaException(
          ErrorCode.ACCESS_UNAUTHENTICATED,
          what + " needs the server's token, and the request has no credential",
          "Send the token from server.json in the home directory, as Bearer or as Basic password.");
    }
  }
}
