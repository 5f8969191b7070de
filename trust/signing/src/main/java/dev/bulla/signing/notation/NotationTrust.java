package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.signing.revocation.RevocationSource;
import dev.bulla.signing.trust.TrustPolicy;
import dev.bulla.signing.trust.TrustStore;
import java.util.Map;

/**
 * What a Notation verification of an image goes by.
 *
 * @param scope the repository whose statement applies, {@code host[:port]/path}
 * @param maxSignatures how many signatures are looked at, 1 to 1000
 */
public record NotationTrust(
    TrustPolicy policy, TrustStore stores, String scope, int maxSignatures, SignatureRules rules) {

  /** As many as notation looks at. */
  public static final int DEFAULT_MAX_SIGNATURES = 100;

  public NotationTrust {
    if (maxSignatures < 1 || maxSignatures > 1000) {
      throw new BullaException(
          ErrorCode.USAGE, "the limit of signatures is " + maxSignatures + ", expected 1 to 1000");
    }
  }

  /** Trust by {@link SignatureRules#PLAIN}. */
  public NotationTrust(TrustPolicy policy, TrustStore stores, String scope) {
    this(policy, stores, scope, DEFAULT_MAX_SIGNATURES, SignatureRules.PLAIN);
  }

  public NotationTrust withScope(String repository) {
    return new NotationTrust(policy, stores, repository, maxSignatures, rules);
  }

  public NotationTrust withMaxSignatures(int limit) {
    return new NotationTrust(policy, stores, scope, limit, rules);
  }

  public NotationTrust withRules(SignatureRules value) {
    return new NotationTrust(policy, stores, scope, maxSignatures, value);
  }

  public NotationTrust withMetadata(Map<String, String> demanded) {
    return withRules(rules.withMetadata(demanded));
  }

  public NotationTrust withRevocation(RevocationSource source) {
    return withRules(rules.withRevocation(source));
  }
}
