package dev.bulla.signing.notation;

import dev.bulla.signing.trust.BlobTrustPolicy;
import dev.bulla.signing.trust.TrustStore;
import java.util.Optional;

/**
 * What a Notation verification of a file goes by.
 *
 * @param policyName of the statement that applies; the global one if none is named
 * @param mediaType that must have been signed, if it matters
 */
public record NotationBlobTrust(
    BlobTrustPolicy policy,
    TrustStore stores,
    Optional<String> policyName,
    Optional<String> mediaType,
    SignatureRules rules) {

  /** Trust by the global statement and {@link SignatureRules#PLAIN}. */
  public NotationBlobTrust(BlobTrustPolicy policy, TrustStore stores) {
    this(policy, stores, Optional.empty(), Optional.empty(), SignatureRules.PLAIN);
  }

  public NotationBlobTrust withPolicyName(String name) {
    return new NotationBlobTrust(policy, stores, Optional.of(name), mediaType, rules);
  }

  public NotationBlobTrust withMediaType(String type) {
    return new NotationBlobTrust(policy, stores, policyName, Optional.of(type), rules);
  }

  public NotationBlobTrust withRules(SignatureRules value) {
    return new NotationBlobTrust(policy, stores, policyName, mediaType, value);
  }
}
