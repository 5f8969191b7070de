package dev.bulla.core.claim;

import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.statement.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One signature found on a subject, and what each check said of it.
 *
 * @param evidence digest of the manifest that carries the signature
 * @param format {@code notation-jws}, {@code notation-cose}, {@code sigstore-bundle}, {@code
 *     cosign-legacy}, {@code bulla-dual}
 * @param authority the configured name of who is believed (trust policy statement, key file), empty
 *     if none matched
 * @param identity what the signature proves about the signer: certificate subject, or the key's
 *     SHA-256
 * @param signedAt when it was made, as far as {@code timeSource} can be relied on
 * @param timeSource who says when; {@code NONE} exactly when {@code signedAt} is empty
 * @param signedBy key and certificate; empty if the signature itself was not found good
 * @param statement the signed in-toto statement, present only if the signature over it was verified
 * @param annotations the pairs that were signed with it; empty unless the signature was found good
 *     and about this subject
 */
public record SignatureRecord(
    Digest evidence,
    String format,
    boolean verified,
    String authority,
    String identity,
    Optional<Instant> signedAt,
    TimeSource timeSource,
    Optional<SignedBy> signedBy,
    List<Check> checks,
    Optional<Statement> statement,
    Map<String, String> annotations) {

  public SignatureRecord {
    checks = List.copyOf(checks);
    annotations = Collections.unmodifiableMap(new TreeMap<>(annotations));
    boolean failed = checks.stream().anyMatch(check -> check.outcome() == Check.Outcome.FAILED);
    if (verified && failed) {
      throw new IllegalArgumentException("a signature with a failed check is not verified");
    }
    if (signedAt.isEmpty() != (timeSource == TimeSource.NONE)) {
      throw new IllegalArgumentException("a time has a source exactly when it is known");
    }
  }

  /** A record of which only the signer's word about the time, and no key, is known. */
  public SignatureRecord(
      Digest evidence,
      String format,
      boolean verified,
      String authority,
      String identity,
      Optional<Instant> signedAt,
      List<Check> checks,
      Optional<Statement> statement) {
    this(
        evidence,
        format,
        verified,
        authority,
        identity,
        signedAt,
        signedAt.isPresent() ? TimeSource.SIGNER : TimeSource.NONE,
        Optional.empty(),
        checks,
        statement,
        Map.of());
  }

  /** The same with one more check; no longer verified if that failed. */
  public SignatureRecord with(Check check) {
    List<Check> all = new ArrayList<>(checks);
    all.add(check);
    return new SignatureRecord(
        evidence,
        format,
        verified && check.outcome() != Check.Outcome.FAILED,
        authority,
        identity,
        signedAt,
        timeSource,
        signedBy,
        all,
        statement,
        annotations);
  }

  /** The code of the first failed check. */
  public Optional<ErrorCode> failure() {
    return checks.stream()
        .filter(check -> check.outcome() == Check.Outcome.FAILED)
        .findFirst()
        .flatMap(Check::code);
  }
}
