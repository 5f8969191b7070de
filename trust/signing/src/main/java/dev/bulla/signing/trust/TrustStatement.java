package dev.bulla.signing.trust;

import java.util.List;
import java.util.Set;

/**
 * One statement of a trust policy.
 *
 * @param scopes repositories, or the single {@code *}; none in a trust policy for files
 * @param timestampOnlyAfterExpiry whether a timestamp is looked at only when a certificate has run
 *     out
 * @param anyIdentity whether every certificate under the roots is believed
 * @param identities subjects that are believed; empty if {@code anyIdentity}
 * @param trustedIdentities as written, those of other kinds included, for a verification plugin
 */
public record TrustStatement(
    String name,
    Set<String> scopes,
    VerificationLevel level,
    boolean timestampOnlyAfterExpiry,
    List<TrustStore.Name> stores,
    boolean anyIdentity,
    List<DistinguishedName> identities,
    List<String> trustedIdentities) {
  public TrustStatement {
    scopes = Set.copyOf(scopes);
    stores = List.copyOf(stores);
    identities = List.copyOf(identities);
    trustedIdentities = List.copyOf(trustedIdentities);
  }

  TrustStatement withScopes(Set<String> value) {
    return new TrustStatement(
        name,
        value,
        level,
        timestampOnlyAfterExpiry,
        stores,
        anyIdentity,
        identities,
        trustedIdentities);
  }
}
