package dev.bulla.signing.cosign;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.keys.PublicKeyVerifier;
import java.util.Map;
import java.util.Optional;

/**
 * What a Cosign verification goes by: one public key.
 *
 * @param name of the key for people, such as its file; becomes the authority in the records
 * @param hash the only hash to accept; empty for the one that belongs to the key, and SHA-256
 * @param annotations pairs that the signature must carry
 * @param checkClaims whether the signed digest and the annotations are compared; only a diagnosis turns this off
 * @param anyStatement whether an attestation by the key counts as a signature of the image, as it does for cosign; Bulla's own
 *     rule is that it does not
 * @param maxSignatures how many signatures are looked at, 1 to 1000
 */
public record CosignTrust(
    PublicKeyVerifier key,
    String name,
    Optional<Digest.Algorithm> hash,
    Map<String, String> annotations,
    boolean checkClaims,
    boolean anyStatement,
    int maxSignatures) {

  public static final int DEFAULT_MAX_SIGNATURES = 100;

  public CosignTrust {
    annotations = Map.copyOf(annotations);
    if (maxSignatures < 1 || maxSignatures > 1000) {
      throw new BullaException(ErrorCode.USAGE, "the limit of signatures is " + maxSignatures + ", expected 1 to 1000");
    }
  }

  public CosignTrust(PublicKeyVerifier key, String name) {
    this(key, name, Optional.empty(), Map.of(), true, false, DEFAULT_MAX_SIGNATURES);
  }

  public CosignTrust withHash(Digest.Algorithm only) {
    return new CosignTrust(key, name, Optional.of(only), annotations, checkClaims, anyStatement, maxSignatures);
  }

  public CosignTrust withAnnotations(Map<String, String> demanded) {
    return new CosignTrust(key, name, hash, demanded, checkClaims, anyStatement, maxSignatures);
  }

  public CosignTrust withoutClaims() {
    return new CosignTrust(key, name, hash, annotations, false, anyStatement, maxSignatures);
  }

  public CosignTrust withAnyStatement() {
    return new CosignTrust(key, name, hash, annotations, checkClaims, true, maxSignatures);
  }

  public CosignTrust withMaxSignatures(int limit) {
    return new CosignTrust(key, name, hash, annotations, checkClaims, anyStatement, limit);
  }
}
