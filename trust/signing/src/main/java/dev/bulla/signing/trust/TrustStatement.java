package dev.bulla.signing.trust;

import java.util.List;
import java.util.Set;

/**
 * One statement of a trust policy.
 *
 * @param scopes repositories, or the single {@code *}
 * @param timestampOnlyAfterExpiry whether a timestamp is looked at only when a certificate has run
 *     out
 * @param anyIdentity whether every certificate under the roots is believed
 * @param identities subjects that are believed; empty if {@code anyIdentity}
 */
public record TrustStatement(
    String name,
    Set<String> scopes,
    VerificationLevel level,
    boolean timestampOnlyAfterExpiry,
    List<TrustStore.Name> stores,
    boolean anyIdentity,
    List<DistinguishedName> identities) {
  public TrustStatement {
    scopes = Set.copyOf(scopes);
    stores = List.copyOf(stores);
    identities = List.copyOf(identities);
  }
}
