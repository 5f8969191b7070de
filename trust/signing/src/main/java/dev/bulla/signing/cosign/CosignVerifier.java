package dev.bulla.signing.cosign;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import dev.bulla.oci.Repository;
import dev.bulla.signing.trust.Outcomes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Verifies Cosign signatures and attestations of a manifest by a public key or an identity:
 * Sigstore bundles among the referrers; and, only if there is no bundle at all, the older tags
 * {@code sha256-….sig} and {@code sha256-….att}, as cosign 3 does.
 *
 * <p>By a key without a trusted root, transparency log entries and timestamps are not evaluated: a
 * key that is trusted needs neither, and the record says that they were not looked at. Thread-safe;
 * reads nothing but the repository.
 */
public final class CosignVerifier {
  /** Whether one signature of {@code subject} by the trusted signer passes. */
  public Verification verifyImage(Repository repository, Descriptor subject, CosignTrust trust) {
    Optional<String> wanted =
        trust.anyStatement() ? Optional.empty() : Optional.of(PredicateTypes.COSIGN_SIGN_V1);
    List<Descriptor> listed = repository.referrers(subject.digest(), Optional.empty());
    Found found = bundles(repository, subject, listed, wanted, trust);
    if (found.none()) {
      Found legacy = legacy(new CosignReader(repository, subject).legacySignatures(listed), trust);
      return Outcomes.anyOf(subject, legacy.records, "a Cosign signature", legacy.more);
    }
    return answer(subject, found, wanted, ErrorCode.SIGNATURE_MISSING);
  }

  /**
   * Whether one attestation of {@code subject} with the predicate type is sealed by the signer; the
   * verified records carry their statements.
   */
  public Verification verifyAttestation(
      Repository repository, Descriptor subject, String predicateType, CosignTrust trust) {
    Found found = attestations(repository, subject, Optional.of(predicateType), trust);
    return answer(subject, found, Optional.of(predicateType), ErrorCode.STATEMENT_MISSING);
  }

  /**
   * Every signed statement found beside {@code subject}, verified or not, in the order of
   * discovery.
   *
   * @throws BullaException {@link ErrorCode#SIGNATURE_TOO_MANY} if there are more than the trust's
   *     limit
   */
  public List<SignatureRecord> statements(
      Repository repository, Descriptor subject, CosignTrust trust) {
    Found found = attestations(repository, subject, Optional.empty(), trust);
    if (found.more) {
      throw new BullaException(
          ErrorCode.SIGNATURE_TOO_MANY,
          "%s: more than %d signed statements".formatted(subject.digest(), trust.maxSignatures()),
          "Raise the limit of signatures, or remove those that are not needed.");
    }
    return found.records;
  }

  /**
   * Judges by the statements of the wanted type; verified ones of other types are no evidence for
   * or against.
   */
  private static Verification answer(
      Descriptor subject, Found found, Optional<String> wanted, ErrorCode missing) {
    List<SignatureRecord> fitting =
        found.records.stream().filter(record -> !isOfOtherType(record, wanted)).toList();
    if (fitting.isEmpty() && !found.records.isEmpty() && !found.more) {
      return Outcomes.refused(
          subject,
          missing,
          "%s: none of its %d signed statements is of type %s"
              .formatted(subject.digest(), found.records.size(), wanted.orElse("")),
          "Sign it, or look for another type of statement.",
          found.records);
    }
    String what =
        wanted.map(type -> "a signed statement of type " + type).orElse("a Cosign signature");
    return Outcomes.anyOf(subject, fitting, what, found.more);
  }

  private static boolean isOfOtherType(SignatureRecord record, Optional<String> wanted) {
    return wanted.isPresent()
        && record
            .statement()
            .map(Statement::predicateType)
            .filter(type -> !type.equals(wanted.get()))
            .isPresent();
  }

  private Found attestations(
      Repository repository, Descriptor subject, Optional<String> wanted, CosignTrust trust) {
    List<Descriptor> listed = repository.referrers(subject.digest(), Optional.empty());
    Found found = bundles(repository, subject, listed, wanted, trust);
    return found.none()
        ? legacy(new CosignReader(repository, subject).legacyAttestations(), trust)
        : found;
  }

  private static Found legacy(List<LegacyLayer> layers, CosignTrust trust) {
    List<SignatureRecord> records =
        layers.stream()
            .limit(trust.maxSignatures())
            .map(layer -> layer.get().judge(trust))
            .toList();
    return new Found(records, layers.size() > records.size());
  }

  /**
   * What a search found.
   *
   * @param more whether there is more than was looked at
   */
  record Found(List<SignatureRecord> records, boolean more) {
    Found {
      records = List.copyOf(records);
    }

    boolean none() {
      return records.isEmpty() && !more;
    }
  }

  /**
   * Examines bundles until the question is answered. Those whose listing names the wanted predicate
   * type, or none, come first; the others (which may be large inventories) are fetched only if that
   * does not end in a verified one. The listing is not signed, so it decides about the order only,
   * never about the verdict.
   */
  private static Found bundles(
      Repository repository,
      Descriptor subject,
      List<Descriptor> referrers,
      Optional<String> wanted,
      CosignTrust trust) {
    Predicate<String> likely = type -> wanted.isEmpty() || wanted.get().equals(type);
    Map<Boolean, List<Descriptor>> listed =
        referrers.stream()
            .filter(CosignReader::mayBeBundle)
            .collect(Collectors.partitioningBy(one -> CosignReader.mayBeOfType(one, likely)));
    CosignReader reader = new CosignReader(repository, subject);
    List<SignatureRecord> records = new ArrayList<>();
    boolean more = examineAll(reader, listed.getOrDefault(true, List.of()), trust, records);
    boolean answered =
        records.stream().anyMatch(record -> record.verified() && !isOfOtherType(record, wanted));
    if (!more && !answered) {
      more = examineAll(reader, listed.getOrDefault(false, List.of()), trust, records);
    }
    return new Found(records, more);
  }

  /** Adds a record for each bundle; true if there are more than the limit. */
  private static boolean examineAll(
      CosignReader reader,
      List<Descriptor> referrers,
      CosignTrust trust,
      List<SignatureRecord> records) {
    for (Descriptor referrer : referrers) {
      Optional<CosignEvidence> bundle = reader.bundle(referrer);
      if (bundle.isPresent() && records.size() == trust.maxSignatures()) {
        return true;
      }
      bundle.ifPresent(one -> records.add(one.judge(trust)));
    }
    return false;
  }
}
