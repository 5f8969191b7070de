package dev.bulla.signing;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.claim.Verification;
import dev.bulla.signing.cosign.BlobVerifier;
import dev.bulla.signing.cosign.CosignTrust;
import java.nio.file.Path;

/** Verifies a file by a Sigstore bundle beside it, as {@code cosign verify-blob}. Thread-safe. */
public final class VerifyBlob {
  private final BlobVerifier verifier = new BlobVerifier();

  /**
   * Whether {@code bundle} holds the trusted signer's signature over the whole of {@code file}: a
   * message signature, or a statement that names the file's digest.
   *
   * @throws BullaException {@code FILE_NOT_FOUND}; {@code INPUT_UNAVAILABLE} if the file cannot be
   *     read
   */
  public Verification verify(Path file, byte[] bundle, CosignTrust trust) {
    return verifier.verify(file, bundle, trust);
  }

  /**
   * As {@link #verify(Path, byte[], CosignTrust)} of a file whose digest is all that is at hand. A
   * signature that was made over another hash of the file is refused, for it cannot be verified;
   * the subject's size is zero, for it is not known.
   */
  public Verification verify(Digest digest, byte[] bundle, CosignTrust trust) {
    return verifier.verify(digest, bundle, trust);
  }
}
