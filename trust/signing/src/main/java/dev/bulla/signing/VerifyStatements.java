package dev.bulla.signing;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.statement.Statement;
import dev.bulla.oci.Repository;
import dev.bulla.signing.authority.AuthorityVerifier;
import dev.bulla.signing.cosign.CosignTrust;
import dev.bulla.signing.cosign.CosignVerifier;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;

/**
 * Finds the signed statements about an image and verifies each: what a policy may take its facts
 * from. Thread-safe.
 */
public final class VerifyStatements {
  private static final Comparator<SignatureRecord> ORDER =
      Comparator.comparing((SignatureRecord record) ->
              record.statement().map(Statement::predicateType).orElse(""))
          .thenComparing(SignatureRecord::evidence);

  private final CosignVerifier cosign = new CosignVerifier();

  /**
   * Every signed statement beside {@code subject}, the image signature included, verified or not,
   * ordered by predicate type and evidence digest. A record that is verified carries its statement,
   * and the statement is about {@code subject}.
   *
   * @throws BullaException {@code SIGNATURE_TOO_MANY} beyond the trust's limit; or if the
   *     repository cannot be reached
   */
  public List<SignatureRecord> all(Repository repository, Descriptor subject, CosignTrust trust) {
    return cosign.statements(repository, subject, trust).stream().sorted(ORDER).toList();
  }

  /** Only the verified records of {@link #all}. */
  public List<SignatureRecord> verified(
      Repository repository, Descriptor subject, CosignTrust trust) {
    return all(repository, subject, trust).stream()
        .filter(record -> record.verified() && record.statement().isPresent())
        .toList();
  }

  /**
   * The statements that a Bulla trust policy believes about {@code subject}, in the same order:
   * those of a demanded type by who may make it, all others by who may sign the image.
   *
   * @param clock the moment as of which to judge, unless the conditions name one
   */
  public List<SignatureRecord> verified(
      Repository repository, Descriptor subject, Trust.ByAuthorities trust, InstantSource clock) {
    return new AuthorityVerifier(clock)
            .verify(
                repository,
                subject,
                trust.policy(),
                trust.image(),
                trust.conditions().withEverything())
            .verified()
            .stream()
            .filter(record -> record.statement().isPresent())
            .sorted(ORDER)
            .toList();
  }

  /** Whether a statement of this predicate type is sealed by the trusted signer. */
  public Verification require(
      Repository repository, Descriptor subject, String predicateType, CosignTrust trust) {
    return cosign.verifyAttestation(repository, subject, predicateType, trust);
  }
}
