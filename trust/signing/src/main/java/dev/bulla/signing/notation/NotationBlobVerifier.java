package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.Verification;
import dev.bulla.signing.trust.BlobSubject;
import dev.bulla.signing.trust.Outcomes;
import dev.bulla.signing.trust.TrustStatement;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Verifies a file and the Notation signature beside it, as {@code notation blob verify}, with the
 * same checks as for images. Thread-safe.
 */
public final class NotationBlobVerifier {
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
    BlobSubject subject = BlobSubject.of(file);
    Optional<TrustStatement> statement = trust.policy().named(trust.policyName());
    if (statement.isEmpty()) {
      return Outcomes.refused(
          subject.descriptor(),
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
          subject.descriptor(),
          List.of(),
          "skipped: the trust policy statement '%s' skips verification"
              .formatted(statement.get().name()));
    }
    NotationEvidence evidence =
        NotationEvidence.ofBlob(signature, format, subject, trust.mediaType());
    SignatureRecord record =
        evidence.judge(statement.get(), trust.stores(), trust.rules(), clock.instant());
    return Outcomes.anyOf(subject.descriptor(), List.of(record), "a Notation signature", false);
  }
}
