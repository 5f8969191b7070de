package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.signing.revocation.RevocationSource;
import dev.bulla.signing.trust.TrustPolicy;
import dev.bulla.signing.trust.TrustStore;
import java.util.Map;

/**
 * What a Notation verification goes by.
 *
 * @param scope the repository whose statement applies, {@code host[:port]/path}
 * @param metadata pairs that the signature must carry
 * @param maxSignatures how many signatures are looked at, 1 to 1000
 * @param revocation where OCSP responses and CRLs come from
 */
public record NotationTrust(
    TrustPolicy policy,
    TrustStore stores,
    String scope,
    Map<String, String> metadata,
    int maxSignatures,
    RevocationSource revocation) {

  /** As many as notation looks at. */
  public static final int DEFAULT_MAX_SIGNATURES = 100;

  public NotationTrust {
    metadata = Map.copyOf(metadata);
    if (maxSignatures < 1 || maxSignatures > 1000) {
      throw new BullaException(
          ErrorCode.USAGE, "the limit of signatures is " + maxSignatures + ", expected 1 to 1000");
    }
  }

  /**
   * Trust that asks nobody about revocation, so that the state of a certificate that can be revoked
   * is unknown.
   */
  public NotationTrust(TrustPolicy policy, TrustStore stores, String scope) {
    this(policy, stores, scope, Map.of(), DEFAULT_MAX_SIGNATURES, RevocationSource.none());
  }

  public NotationTrust withScope(String repository) {
    return new NotationTrust(policy, stores, repository, metadata, maxSignatures, revocation);
  }

  public NotationTrust withMetadata(Map<String, String> demanded) {
    return new NotationTrust(policy, stores, scope, demanded, maxSignatures, revocation);
  }

  public NotationTrust withMaxSignatures(int limit) {
    return new NotationTrust(policy, stores, scope, metadata, limit, revocation);
  }

  public NotationTrust withRevocation(RevocationSource source) {
    return new NotationTrust(policy, stores, scope, metadata, maxSignatures, source);
  }
}
