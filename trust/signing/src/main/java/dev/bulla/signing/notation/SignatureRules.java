package dev.bulla.signing.notation;

import dev.bulla.signing.revocation.RevocationSource;
import java.util.Map;
import java.util.Optional;

/**
 * What a caller demands of a Notation signature, and lends to its verification, beside the trust
 * policy.
 *
 * @param metadata pairs that the signature must carry
 * @param revocation where OCSP responses and CRLs come from
 * @param plugins that may be asked; without them a signature that demands one is refused
 * @param unknownTolerated whether a critical attribute that nobody understands is only noted, as
 *     notation 1.3 does; the specification forbids it
 */
public record SignatureRules(
    Map<String, String> metadata,
    RevocationSource revocation,
    Optional<VerificationPlugins> plugins,
    boolean unknownTolerated) {

  /**
   * No pairs, no plugins, and nobody asked about revocation, so that the state of a certificate
   * that can be revoked is unknown.
   */
  public static final SignatureRules PLAIN =
      new SignatureRules(Map.of(), RevocationSource.none(), Optional.empty(), false);

  public SignatureRules {
    metadata = Map.copyOf(metadata);
  }

  public SignatureRules withMetadata(Map<String, String> demanded) {
    return new SignatureRules(demanded, revocation, plugins, unknownTolerated);
  }

  public SignatureRules withRevocation(RevocationSource source) {
    return new SignatureRules(metadata, source, plugins, unknownTolerated);
  }

  public SignatureRules withPlugins(VerificationPlugins value) {
    return new SignatureRules(metadata, revocation, Optional.of(value), unknownTolerated);
  }

  public SignatureRules withUnknownTolerated() {
    return new SignatureRules(metadata, revocation, plugins, true);
  }
}
