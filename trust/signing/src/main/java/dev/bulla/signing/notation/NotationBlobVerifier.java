package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.Verification;
import dev.bulla.signing.trust.CheckList;
import dev.bulla.signing.trust.Outcomes;
import dev.bulla.signing.trust.TrustStatement;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Verifies a file and the Notation signature beside it, as {@code notation blob verify}, with the
 * same checks as for images. Thread-safe.
 */
public final class NotationBlobVerifier {
  private static final int MAX_ENVELOPE = 32 * 1024 * 1024;

  private final InstantSource clock;

  /**
   * @param clock the moment as of which certificates and expiries are judged
   */
  public NotationBlobVerifier(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Whether {@code signature} passes everything that the trust policy enforces, and is about the
   * whole of {@code file}. The subject of the answer is named by SHA-256.
   *
   * @param signature the signature file; of more than 32 MiB nothing is read
   * @return accepted with the note {@code skipped…} if the policy skips verification
   * @throws BullaException {@code FILE_NOT_FOUND}; {@code INPUT_UNAVAILABLE} if the file cannot be
   *     read
   */
  public Verification verify(
      Path file, byte[] signature, EnvelopeFormat format, NotationBlobTrust trust) {
    BlobSubject subject = new BlobSubject(file, trust.mediaType());
    Optional<TrustStatement> statement = trust.policy().named(trust.policyName());
    if (statement.isEmpty()) {
      return Outcomes.refused(
          subject.described(),
          ErrorCode.TRUST_POLICY_NO_SCOPE,
          trust
              .policyName()
              .map(name -> "the trust policy for files has no statement '" + name + "'")
              .orElse("the trust policy for files has no global statement, and none is named"),
          "Name a statement with --policy-name, or make one global.",
          List.of());
    }
    if (statement.get().level().skips()) {
      return Outcomes.accepted(
          subject.described(),
          List.of(),
          "skipped: the trust policy statement '%s' skips verification"
              .formatted(statement.get().name()));
    }
    CheckList checks = new CheckList(Digest.sha256(signature), format.record());
    if (signature.length > MAX_ENVELOPE) {
      checks.failed(
          "evidence",
          ErrorCode.INPUT_TOO_LARGE,
          "a signature of at most " + MAX_ENVELOPE + " bytes",
          "more");
    } else {
      checks.passed("evidence", "envelope read");
      Basis basis = new Basis(statement.get(), trust.stores(), trust.rules(), clock.instant());
      new SignatureExamination(checks, basis).run(signature, format.record(), subject);
    }
    List<SignatureRecord> records = List.of(checks.record());
    return Outcomes.anyOf(subject.described(), records, "a Notation signature", false);
  }

  /** A file, read once for all hashes that are wanted of it. */
  private static final class BlobSubject implements SignedSubject {
    private final Path file;
    private final Optional<String> mediaType;
    private Optional<BlobDescriptor.Hashed> read = Optional.empty();

    BlobSubject(Path file, Optional<String> mediaType) {
      this.file = file;
      this.mediaType = mediaType;
    }

    @Override
    public Descriptor as(Digest.Algorithm hash, String signed) {
      return read(EnumSet.of(hash, Digest.Algorithm.SHA256))
          .descriptor(hash, mediaType.orElse(signed));
    }

    Descriptor described() {
      return read(EnumSet.of(Digest.Algorithm.SHA256))
          .descriptor(Digest.Algorithm.SHA256, mediaType.orElse(NotationSigner.ANY_FILE));
    }

    private BlobDescriptor.Hashed read(Set<Digest.Algorithm> hashes) {
      if (read.isEmpty() || !read.get().digests().keySet().containsAll(hashes)) {
        read = Optional.of(BlobDescriptor.hash(file, hashes));
      }
      return read.get();
    }
  }
}
