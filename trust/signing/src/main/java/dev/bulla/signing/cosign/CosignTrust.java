package dev.bulla.signing.cosign;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.keys.PublicKeyVerifier;
import dev.bulla.signing.sigstore.SignerIdentity;
import dev.bulla.signing.sigstore.TrustedRoot;
import java.util.Map;
import java.util.Optional;

/**
 * What a Cosign verification goes by: one public key, or one identity under a trusted root.
 *
 * @param name of the signer for people, such as a key's file; becomes the authority in the records
 * @param hash the only hash to accept; empty for the one that belongs to the key, and SHA-256
 * @param annotations pairs that the signature must carry
 * @param checkClaims whether the signed digest and the annotations are compared; only a diagnosis
 *     turns this off
 * @param anyStatement whether an attestation by the signer counts as a signature of the image, as
 *     it does for cosign; Bulla's own rule is that it does not
 * @param experimental whether an ML-DSA key is believed too
 * @param maxSignatures how many signatures are looked at, 1 to 1000
 */
public record CosignTrust(
    TrustedSigner signer,
    String name,
    Optional<Digest.Algorithm> hash,
    Map<String, String> annotations,
    boolean checkClaims,
    boolean anyStatement,
    boolean experimental,
    int maxSignatures) {

  public static final int DEFAULT_MAX_SIGNATURES = 100;

  public CosignTrust {
    annotations = Map.copyOf(annotations);
    if (maxSignatures < 1 || maxSignatures > 1000) {
      throw new BullaException(
          ErrorCode.USAGE, "the limit of signatures is " + maxSignatures + ", expected 1 to 1000");
    }
  }

  /** Trust in a key, without asking for a log. */
  public CosignTrust(PublicKeyVerifier key, String name) {
    this(new TrustedSigner.Key(key, Optional.empty()), name);
  }

  /**
   * Trust in an identity; its signatures must be logged and timed by the services of {@code root}.
   */
  public CosignTrust(SignerIdentity identity, TrustedRoot root, String name) {
    this(new TrustedSigner.Certified(identity, root), name);
  }

  /** Trust in two keys that have both signed the same bytes; experimental. */
  public CosignTrust(TrustedSigner.Pair pair, String name) {
    this((TrustedSigner) pair, name);
  }

  private CosignTrust(TrustedSigner signer, String name) {
    this(signer, name, Optional.empty(), Map.of(), true, false, false, DEFAULT_MAX_SIGNATURES);
  }

  /**
   * The same trust under another root: a log that it names must have an entry, also of a key's
   * signatures.
   */
  public CosignTrust withTrustedRoot(TrustedRoot root) {
    TrustedSigner under =
        switch (signer) {
          case TrustedSigner.Key(PublicKeyVerifier key, var ignored) ->
              new TrustedSigner.Key(key, Optional.of(root));
          case TrustedSigner.Certified(SignerIdentity identity, var ignored, var given) ->
              new TrustedSigner.Certified(identity, root, given);
          case TrustedSigner.Pair pair ->
              throw new BullaException(
                  ErrorCode.USAGE, "a dual signature has no log entry: no trusted root is for it");
        };
    return new CosignTrust(
        under, name, hash, annotations, checkClaims, anyStatement, experimental, maxSignatures);
  }

  /**
   * The same trust in an identity, with what the caller has beside the signature.
   *
   * @throws BullaException {@link ErrorCode#USAGE} for a key, which needs no certificate
   */
  public CosignTrust withCertificate(CertificateAtHand given) {
    if (!(signer instanceof TrustedSigner.Certified(SignerIdentity who, TrustedRoot root, var x))) {
      throw new BullaException(
          ErrorCode.USAGE, "a certificate is judged by an identity, not a key");
    }
    return new CosignTrust(
        new TrustedSigner.Certified(who, root, given),
        name,
        hash,
        annotations,
        checkClaims,
        anyStatement,
        experimental,
        maxSignatures);
  }

  public CosignTrust withHash(Digest.Algorithm only) {
    return new CosignTrust(
        signer,
        name,
        Optional.of(only),
        annotations,
        checkClaims,
        anyStatement,
        experimental,
        maxSignatures);
  }

  public CosignTrust withAnnotations(Map<String, String> demanded) {
    return new CosignTrust(
        signer, name, hash, demanded, checkClaims, anyStatement, experimental, maxSignatures);
  }

  public CosignTrust withoutClaims() {
    return new CosignTrust(
        signer, name, hash, annotations, false, anyStatement, experimental, maxSignatures);
  }

  public CosignTrust withAnyStatement() {
    return new CosignTrust(
        signer, name, hash, annotations, checkClaims, true, experimental, maxSignatures);
  }

  public CosignTrust withMaxSignatures(int limit) {
    return new CosignTrust(
        signer, name, hash, annotations, checkClaims, anyStatement, experimental, limit);
  }

  /** The same trust, also in ML-DSA keys. */
  public CosignTrust withExperimental() {
    return new CosignTrust(
        signer, name, hash, annotations, checkClaims, anyStatement, true, maxSignatures);
  }
}
