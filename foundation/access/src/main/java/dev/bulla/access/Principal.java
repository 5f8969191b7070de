package dev.bulla.access;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.store.Actor;
import dev.bulla.web.Exchange;
import java.util.List;

/**
 * Who is calling.
 *
 * @param name for messages and the audit trail; of a workload its issuer and subject
 * @param grants beside what everybody may
 * @param local whether the caller is on this machine for certain; what everybody may is less for
 *     others
 * @param scoped whether the grants are those of a registry token, which names the repositories that
 *     it was asked for: another token may give more
 */
public record Principal(Kind kind, String name, List<Grant> grants, boolean local, boolean scoped) {

  /** What a caller may be. */
  public enum Kind {
    /** Somebody without a credential. */
    ANONYMOUS,
    /** A machine that has a name and a secret. */
    ROBOT,
    /** A machine that somebody else vouches for, by an identity token or a certificate. */
    WORKLOAD,
    /** The holder of the server's own token, who may do everything. */
    OWNER
  }

  /** Somebody on this machine. */
  public static final Principal ANONYMOUS =
      new Principal(Kind.ANONYMOUS, "anonymous", List.of(), true);

  /** Somebody elsewhere. */
  public static final Principal REMOTE =
      new Principal(Kind.ANONYMOUS, "anonymous", List.of(), false);

  public static final Principal OWNER = new Principal(Kind.OWNER, "owner", List.of());

  /**
   * The caller of an exchange that went through an {@link Authenticator}; anonymous if it did not.
   */
  public static Principal of(Exchange exchange) {
    return exchange.attribute(Principal.class).orElseGet(() -> anonymous(exchange.local()));
  }

  static Principal anonymous(boolean local) {
    return local ? ANONYMOUS : REMOTE;
  }

  /** A caller of whom nothing is known but the name. */
  public Principal(Kind kind, String name, List<Grant> grants) {
    this(kind, name, grants, false);
  }

  public Principal(Kind kind, String name, List<Grant> grants, boolean local) {
    this(kind, name, grants, local, false);
  }

  public Principal {
    grants = List.copyOf(grants);
  }

  /** The same, where an exchange comes from. */
  Principal at(Exchange exchange) {
    return local == exchange.local()
        ? this
        : new Principal(kind, name, grants, exchange.local(), scoped);
  }

  /** The same by a registry token. */
  Principal byToken() {
    return new Principal(kind, name, grants, local, true);
  }

  /** This caller as the author of events. */
  public Actor actor() {
    return switch (kind) {
      case ANONYMOUS -> Actor.ANONYMOUS;
      case ROBOT, WORKLOAD -> new Actor("service_account", name);
      case OWNER -> Actor.OWNER;
    };
  }

  public boolean isAnonymous() {
    return kind == Kind.ANONYMOUS;
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
   * @throws BullaException {@link ErrorCode#ACCESS_UNAUTHENTICATED} for somebody without a name,
   *     {@link ErrorCode#ACCESS_DENIED} for others: a better credential is not to be had by trying
   */
  public void requireOwner(String what) {
    if (isOwner()) {
      return;
    }
    if (!isAnonymous()) {
      throw new BullaException(
          ErrorCode.ACCESS_DENIED,
          "%s is for the owner of this server only, and this is %s".formatted(what, name),
          "Use the token from server.json in the home directory.");
    }
    throw new BullaException(
        ErrorCode.ACCESS_UNAUTHENTICATED,
        what + " needs the server's token, and the request has no credential",
        "Send the token from server.json in the home directory, as Bearer or as Basic password.");
  }
}
