package dev.bulla.signing.authority;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.signing.sigstore.TrustedRoot;

/** The trusted root for identities of a policy that name none. */
@FunctionalInterface
public interface DefaultRoot {
  /**
   * @throws BullaException if there is none
   */
  TrustedRoot get();

  /** There is none: an identity must name its own. */
  static DefaultRoot none() {
    return () -> {
      throw new BullaException(
          ErrorCode.TRUST_POLICY_INVALID,
          "names no trustedRoot, and there is no default",
          "Name the trusted_root.json of the Sigstore instance, or give --trusted-root FILE.");
    };
  }
}
