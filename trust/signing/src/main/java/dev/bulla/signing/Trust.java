package dev.bulla.signing;

import dev.bulla.signing.authority.AuthorityPolicy;
import dev.bulla.signing.authority.Conditions;
import dev.bulla.signing.authority.ImageName;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.notation.NotationTrust;

/** By what a signature is judged. */
public sealed interface Trust {
  /** A Notation trust policy with its trust stores. */
  record ByPolicy(NotationTrust notation) implements Trust {}

  /** A public key, or an identity under a trusted root, for signatures in Cosign's formats. */
  record ByKey(CosignTrust cosign) implements Trust {}

  /**
   * A Bulla trust policy, for the signatures and statements of both families.
   *
   * @param image by which the scope is chosen: the name that was asked for, which need not be where
   *     the signatures lie
   */
  record ByAuthorities(AuthorityPolicy policy, ImageName image, Conditions conditions)
      implements Trust {}
}
