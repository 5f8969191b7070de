package dev.bulla.signing;

import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.notation.NotationTrust;

/** By what a signature is judged. */
public sealed interface Trust {
  /** A Notation trust policy with its trust stores. */
  record ByPolicy(NotationTrust notation) implements Trust {}

  /** A public key, or an identity under a trusted root, for signatures in Cosign's formats. */
  record ByKey(CosignTrust cosign) implements Trust {}
}
