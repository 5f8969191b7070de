package dev.bulla.signing.cosign;

import dev.bulla.core.BullaException;
import dev.bulla.core.Descriptor;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.MediaTypes;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.Verification;
import dev.bulla.core.statement.PredicateTypes;
import dev.bulla.core.statement.Statement;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.Repository;
import dev.bulla.signing.trust.CheckList;
import dev.bulla.signing.trust.Outcomes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Verifies Cosign signatures and attestations of a manifest by a public key: Sigstore bundles among the referrers; and, only
 * if there is no bundle at all, the older tags {@code sha256-….sig} and {@code sha256-….att}, as cosign 3 does.
 *
 * <p>Transparency log entries and timestamps in a bundle are not evaluated: a key that is trusted needs neither, and the
 * record says that they were not looked at. Thread-safe; reads nothing but the repository.
 */
public final class CosignVerifier {
  private static final int MAX_BUNDLE = 64 * 1024 * 1024;

  /** Whether one signature of {@code subject} by the key passes. */
  public Verification verifyImage(Repository repository, Descriptor subject, CosignTrust trust) {
    Found found = bundles(repository, subject, trust);
    List<SignatureRecord> records = found.records;
    boolean more = found.more;
    if (found.none()) {
      Found legacy = new LegacyTags(repository, trust).signatures(subject);
      return Outcomes.anyOf(subject, legacy.records, "a Cosign signature", legacy.more);
    }
    if (!trust.anyStatement()) {
      records = records.stream().map(CosignVerifier::demandSignature).toList();
    }
    return Outcomes.anyOf(subject, records, "a Cosign signature", more);
  }

  /**
   * Whether one attestation of {@code subject} with the predicate type is sealed by the key; the verified records carry their
   * statements.
   */
  public Verification verifyAttestation(
      Repository repository, Descriptor subject, String predicateType, CosignTrust trust) {
    Found found = attestations(repository, subject, trust);
    List<SignatureRecord> records =
        found.records.stream().map(record -> demandType(record, predicateType)).toList();
    return Outcomes.anyOf(subject, records, "an attestation of type " + predicateType, found.more);
  }

  /**
   * Every signed statement found beside {@code subject}, verified or not, in the order of discovery.
   *
   * @throws BullaException {@link ErrorCode#SIGNATURE_TOO_MANY} if there are more than the trust's limit
   */
  public List<SignatureRecord> statements(Repository repository, Descriptor subject, CosignTrust trust) {
    Found found = attestations(repository, subject, trust);
    if (found.more) {
      throw new BullaException(
          ErrorCode.SIGNATURE_TOO_MANY,
          "%s: more than %d signed statements".formatted(subject.digest(), trust.maxSignatures()),
          "Raise the limit of signatures, or remove those that are not needed.");
    }
    return found.records;
  }

  private Found attestations(Repository repository, Descriptor subject, CosignTrust trust) {
    Found found = bundles(repository, subject, trust);
    return found.none() ? new LegacyTags(repository, trust).attestations(subject) : found;
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

  private Found bundles(Repository repository, Descriptor subject, CosignTrust trust) {
    List<SignatureRecord> records = new ArrayList<>();
    for (Descriptor referrer : repository.referrers(subject.digest(), Optional.empty())) {
      if (!mayBeBundle(referrer)) {
        continue;
      }
      CheckList checks = new CheckList(referrer.digest(), "sigstore-bundle");
      Optional<Manifest> manifest = checks.attempt("evidence", () -> repository.manifest(referrer));
      if (manifest.isPresent() && !isBundle(manifest.get())) {
        continue;
      }
      if (records.size() == trust.maxSignatures()) {
        return new Found(records, true);
      }
      manifest.ifPresent(one -> examine(repository, one, subject, trust, checks));
      records.add(checks.record());
    }
    return new Found(records, false);
  }

  /** Referrers whose listing already names another kind of artifact are not fetched. */
  private static boolean mayBeBundle(Descriptor referrer) {
    return referrer
        .artifactType()
        .map(type -> type.startsWith(Bundle.TYPE_PREFIX) || type.equals(MediaTypes.OCI_EMPTY))
        .orElse(true);
  }

  private static boolean isBundle(Manifest manifest) {
    return manifest.layers().size() == 1
        && manifest.layers().getFirst().mediaType().startsWith(Bundle.TYPE_PREFIX);
  }

  private static void examine(
      Repository repository, Manifest manifest, Descriptor subject, CosignTrust trust, CheckList checks) {
    checks
        .attempt("evidence", () -> read(repository, manifest, subject))
        .ifPresent(
            bundle -> {
              checks.passed("evidence", "manifest and bundle read");
              new BundleExamination(checks, trust).run(bundle, subject.digest());
            });
  }

  private static Bundle read(Repository repository, Manifest manifest, Descriptor subject) {
    if (!manifest.subject().map(Descriptor::digest).equals(Optional.of(subject.digest()))) {
      throw Bundle.malformed("bundle manifest", "it names another subject");
    }
    byte[] bytes = repository.blobBytes(manifest.layers().getFirst(), MAX_BUNDLE);
    return Bundle.parse(bytes, "bundle " + manifest.layers().getFirst().digest().shortHex());
  }

  private static SignatureRecord demandSignature(SignatureRecord record) {
    return demandType(record, PredicateTypes.COSIGN_SIGN_V1);
  }

  /** The record with a check that its statement is of the type; records without a verified statement stay as they are. */
  private static SignatureRecord demandType(SignatureRecord record, String predicateType) {
    Optional<String> found = record.statement().map(Statement::predicateType);
    if (found.isEmpty()) {
      return record;
    }
    CheckList checks = new CheckList(record.evidence(), record.format());
    record.checks().forEach(checks::add);
    checks.authority(record.authority());
    checks.identity(record.identity());
    record.signedAt().ifPresent(checks::signedAt);
    record.statement().ifPresent(checks::statement);
    if (found.get().equals(predicateType)) {
      checks.passed("predicate-type", predicateType);
    } else {
      checks.failed("predicate-type", ErrorCode.STATEMENT_MISSING, predicateType, found.get());
    }
    return checks.record();
  }
}
