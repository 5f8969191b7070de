package dev.bulla.signing.cosign;

import dev.bulla.core.claim.Verification;
import dev.bulla.signing.trust.BlobSubject;
import dev.bulla.signing.trust.Outcomes;
import java.util.List;

/** Verifies a file by its Sigstore bundle. Thread-safe. */
public final class BlobVerifier {

  /** The verification of a file; the record's evidence is the digest of the bundle. */
  public Verification verify(BlobSubject file, byte[] bundle, CosignTrust trust) {
    return Outcomes.anyOf(
        file.descriptor(),
        List.of(CosignEvidence.ofBlob(bundle, file).judge(trust)),
        "a signature",
        false);
  }
}
