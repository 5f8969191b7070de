package dev.bulla.signing;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.claim.Verification;
import dev.bulla.signing.authority.AuthorityPolicy;
import dev.bulla.signing.authority.AuthorityVerifier;
import dev.bulla.signing.authority.BlobEvidence;
import dev.bulla.signing.authority.BlobName;
import dev.bulla.signing.authority.Conditions;
import dev.bulla.signing.cosign.BlobVerifier;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.notation.EnvelopeFormat;
import dev.bulla.signing.notation.NotationBlobTrust;
import dev.bulla.signing.notation.NotationBlobVerifier;
import dev.bulla.signing.trust.BlobSubject;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Verifies a file by what stands beside it: a Sigstore bundle, as {@code cosign verify-blob}, or a
 * Notation signature, as {@code notation blob verify}. Thread-safe.
 */
public final class VerifyBlob {
  private final BlobVerifier cosign = new BlobVerifier();
  private final NotationBlobVerifier notation;
  private final AuthorityVerifier authorities;

  /** Judges as of now. */
  public VerifyBlob() {
    this(InstantSource.system());
  }

  /**
   * @param clock the moment as of which the certificates and the end of a Notation signature are
   *     judged
   */
  public VerifyBlob(InstantSource clock) {
    this.notation = new NotationBlobVerifier(clock);
    this.authorities = new AuthorityVerifier(clock);
  }

  /**
   * Whether {@code bundle} holds the trusted signer's signature over the whole of {@code file}: a
   * message signature, or a statement that names the file's digest.
   *
   * @throws BullaException {@code FILE_NOT_FOUND}; {@code INPUT_UNAVAILABLE} if the file cannot be
   *     read
   */
  public Verification verify(Path file, byte[] bundle, CosignTrust trust) {
    return cosign.verify(BlobSubject.of(file), bundle, trust);
  }

  /**
   * As {@link #verify(Path, byte[], CosignTrust)} of a file whose digest is all that is at hand. A
   * signature that was made over another hash of the file is refused, for it cannot be verified;
   * the subject's size is zero, for it is not known.
   */
  public Verification verify(Digest digest, byte[] bundle, CosignTrust trust) {
    return cosign.verify(BlobSubject.of(digest), bundle, trust);
  }

  /**
   * Whether {@code signature} is the trusted signer's over the whole of the file: the signature
   * alone, in base64 or as it is, as cosign 1 and 2 wrote it.
   *
   * @param stamp the RFC 3161 timestamp that they wrote beside it
   * @throws BullaException as {@link #verify(Path, byte[], CosignTrust)}
   */
  public Verification verify(
      BlobSubject file, byte[] signature, Optional<byte[]> stamp, CosignTrust trust) {
    return cosign.verify(file, signature, stamp, trust);
  }

  /**
   * Whether {@code signature} is over the whole of {@code file} and passes all that the trust
   * policy enforces.
   *
   * @throws BullaException as {@link #verify(Path, byte[], CosignTrust)}
   */
  public Verification verify(
      Path file, byte[] signature, EnvelopeFormat format, NotationBlobTrust trust) {
    return notation.verify(file, signature, format, trust);
  }

  /**
   * Whether the file is signed and attested as a Bulla trust policy demands, by the signatures of
   * both families that were delivered with it.
   *
   * @param file or its digest, by which a signature in Notation's format cannot be verified
   * @param evidence at most as many as the conditions allow are looked at
   * @param name as what the file is judged, by which the scope is chosen; without it only a scope
   *     for every file applies
   * @throws BullaException as {@link #verify(Path, byte[], CosignTrust)}
   */
  public Verification verify(
      BlobSubject file,
      List<BlobEvidence> evidence,
      AuthorityPolicy policy,
      Optional<BlobName> name,
      Conditions conditions) {
    return authorities.verify(file, evidence, policy, name, conditions);
  }
}
