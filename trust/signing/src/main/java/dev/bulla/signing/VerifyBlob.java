package dev.bulla.signing;

import dev.bulla.core.BullaException;
import dev.bulla.core.claim.Verification;
import dev.bulla.signing.cosign.BlobVerifier;
import dev.bulla.signing.cosign.CosignTrust;
import java.nio.file.Path;

/** Verifies a file by a Sigstore bundle beside it and a public key, as {@code cosign verify-blob}. Thread-safe. */
public final class VerifyBlob {
  private final BlobVerifier verifier = new BlobVerifier();

  /**
   * Whether {@code bundle} holds the key's signature over the whole of {@code file}: a message signature, or a statement that
   * names the file's digest.
   *
   * @throws BullaException {@code FILE_NOT_FOUND}; {@code INPUT_UNAVAILABLE} if the file cannot be read
   */
  public Verification verify(Path file, byte[] bundle, CosignTrust trust) {
    return verifier.verify(file, bundle, trust);
  }
}
