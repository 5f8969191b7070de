package dev.bulla.signing.cosign;

import dev.bulla.core.claim.Verification;
import dev.bulla.signing.trust.BlobSubject;
import dev.bulla.signing.trust.Outcomes;
import java.util.List;
import java.util.Optional;

/** Verifies a file by the Sigstore bundle or the signature beside it. Thread-safe. */
public final class BlobVerifier {

  /** The verification of a file; the record's evidence is the digest of the bundle. */
  public Verification verify(BlobSubject file, byte[] bundle, CosignTrust trust) {
    return Outcomes.anyOf(
        file.descriptor(),
        List.of(CosignEvidence.ofBlob(bundle, file).judge(trust)),
        "a signature",
        false);
  }

  /** The verification of a file by a signature alone, as cosign 1 and 2 wrote it. */
  public Verification verify(
      BlobSubject file, byte[] signature, Optional<byte[]> stamp, CosignTrust trust) {
    return Outcomes.anyOf(
        file.descriptor(),
        List.of(CosignEvidence.ofSignature(signature, stamp, file).judge(trust)),
        "a signature",
        false);
  }
}
