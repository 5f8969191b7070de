package dev.bulla.access;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.web.Exchange;

/**
 * Who is calling.
 *
 * @param name for messages and the audit trail
 */
public record Principal(Kind kind, String name) {

  /** What a caller may be; later kinds carry roles. */
  public enum Kind {
    /** Somebody on this machine without a credential. */
    ANONYMOUS,
    /** The holder of the server's own token, who may do everything. */
    OWNER
  }

  public static final Principal ANONYMOUS = new Principal(Kind.ANONYMOUS, "anonymous");
  public static final Principal OWNER = new Principal(Kind.OWNER, "owner");

  /**
   * The caller of an exchange that went through an {@link Authenticator}; anonymous if it did not.
   */
  public static Principal of(Exchange exchange) {
    return exchange.attribute(Principal.class).orElse(ANONYMOUS);
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
