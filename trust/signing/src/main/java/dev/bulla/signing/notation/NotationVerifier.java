package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.Verification;
import dev.bulla.oci.Repository;
import dev.bulla.signing.trust.Outcomes;
import dev.bulla.signing.trust.TrustStatement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Verifies Notation signatures of a manifest by a trust policy, in the order of the specification's
 * verification workflow (trust-store-trust-policy.md, "Signature Verification details").
 *
 * <p>Where notation 1.3.2 and this class differ: a critical attribute that nobody understands is
 * refused, as the specification demands; a signature that cannot be read does not end the run but
 * is recorded; revocation and verification plugins are asked only about chains that a trust store
 * vouches for.
 *
 * <p>Thread-safe. Reads nothing but the repository, the trust stores and the source of revocation
 * data.
 */
public final class NotationVerifier {
  private final InstantSource clock;

  public NotationVerifier(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Whether one signature of {@code subject} passes everything that the trust policy enforces.
   *
   * @return accepted with the note {@code skipped…} if the policy skips verification
   * @throws BullaException only if the repository cannot be reached or denies access
   */
  public Verification verify(Repository repository, Descriptor subject, NotationTrust trust) {
    Optional<TrustStatement> statement = trust.policy().forScope(trust.scope());
    if (statement.isEmpty()) {
      return Outcomes.refused(
          subject,
          ErrorCode.TRUST_POLICY_NO_SCOPE,
          "no statement of the trust policy applies to the repository " + trust.scope(),
          "Add the repository to registryScopes of a statement, or name the right one with"
              + " --scope.",
          List.of());
    }
    if (statement.get().level().skips()) {
      return Outcomes.accepted(
          subject,
          List.of(),
          "skipped: the trust policy statement '%s' skips verification"
              .formatted(statement.get().name()));
    }
    List<Descriptor> found = signatures(repository, subject);
    List<SignatureRecord> records = new ArrayList<>();
    for (Descriptor signature : found) {
      if (records.size() == trust.maxSignatures()) {
        break;
      }
      records.add(examine(repository, signature, subject, statement.get(), trust));
    }
    return Outcomes.anyOf(subject, records, "a Notation signature", found.size() > records.size());
  }

  /**
   * Referrers in both forms: named by artifact type, and the older one named by its config's media
   * type.
   */
  private static List<Descriptor> signatures(Repository repository, Descriptor subject) {
    return repository.referrers(subject.digest(), Optional.of(MediaTypes.NOTATION_SIGNATURE));
  }

  private SignatureRecord examine(
      Repository repository,
      Descriptor signature,
      Descriptor subject,
      TrustStatement statement,
      NotationTrust trust) {
    return NotationEvidence.read(repository, signature, subject)
        .judge(statement, trust, clock.instant());
  }
}
