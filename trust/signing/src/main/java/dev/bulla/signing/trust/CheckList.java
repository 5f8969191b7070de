package dev.bulla.signing.trust;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.Check;
import dev.bulla.core.claim.SignatureRecord;
import dev.bulla.core.claim.SignedBy;
import dev.bulla.core.claim.TimeSource;
import dev.bulla.core.crypto.SignatureAlgorithm;
import dev.bulla.core.statement.Statement;
import dev.bulla.keys.PublicKeyVerifier;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The checks of one signature while they are made, in order. Not thread-safe.
 *
 * <p>A check that throws a {@link BullaException} about what it looked at becomes a failed check;
 * one about reaching the evidence (registry away, access denied) goes on up, for nothing can be
 * said then.
 */
public final class CheckList {
  private final Digest evidence;
  private final String format;
  private final List<Check> checks = new ArrayList<>();
  private String authority = "";
  private String identity = "";
  private Optional<Instant> signedAt = Optional.empty();
  private TimeSource timeSource = TimeSource.NONE;
  private Optional<SignedBy> signedBy = Optional.empty();
  private Optional<Statement> statement = Optional.empty();
  private Map<String, String> annotations = Map.of();

  /** A step that may find something wrong; returns what it found. */
  @FunctionalInterface
  public interface Step<T> {
    T run();
  }

  public CheckList(Digest evidence, String format) {
    this.evidence = evidence;
    this.format = format;
  }

  public void add(Check check) {
    checks.add(check);
  }

  public void passed(String name, String found) {
    checks.add(Check.passed(name, found));
  }

  public void skipped(String name, String why) {
    checks.add(Check.skipped(name, why));
  }

  public void failed(String name, ErrorCode code, String expected, String found) {
    checks.add(Check.failed(name, code, expected, found));
  }

  /** The result of {@code step}; if it finds something wrong, a failed check and nothing. */
  public <T> Optional<T> attempt(String name, Step<T> step) {
    try {
      return Optional.of(step.run());
    } catch (BullaException e) {
      checks.add(Check.failed(name, fault(e), "", e.reason()));
      return Optional.empty();
    }
  }

  /**
   * The code of {@code e} as a verdict on evidence: faults of the bytes become {@code
   * SIGNATURE_MALFORMED}.
   *
   * @throws BullaException {@code e} itself if it says nothing about the evidence
   */
  public static ErrorCode fault(BullaException e) {
    return switch (e.code().kind()) {
      case REFUSED -> e.code();
      case INVALID, NOT_FOUND ->
          switch (e.code()) {
            case DIGEST_MISMATCH,
                SIZE_MISMATCH,
                BLOB_NOT_FOUND,
                MANIFEST_NOT_FOUND,
                INPUT_TOO_LARGE ->
                e.code();
            default -> ErrorCode.SIGNATURE_MALFORMED;
          };
      case USAGE -> {
        if (e.code() == ErrorCode.KEY_UNSUPPORTED || e.code() == ErrorCode.KEY_INVALID) {
          yield ErrorCode.SIGNATURE_ALGORITHM;
        }
        throw e;
      }
      case UNAUTHENTICATED, DENIED, CONFLICT, UNAVAILABLE, FAILED -> throw e;
    };
  }

  public void authority(String value) {
    authority = value;
  }

  public void identity(String value) {
    identity = value;
  }

  /** A later, better knowledge of the time replaces an earlier one. */
  public void signedAt(Instant value, TimeSource source) {
    signedAt = Optional.of(value);
    timeSource = source;
  }

  /** To be called only after the signature was found good. */
  public void signedBy(
      SignatureAlgorithm algorithm, PublicKeyVerifier key, Optional<X509Certificate> certificate) {
    signedBy = Optional.of(KeyFacts.of(algorithm, key, certificate));
  }

  /**
   * The same of a dual signature.
   *
   * @param key of the first algorithm
   */
  public void signedBy(
      SignatureAlgorithm algorithm, SignatureAlgorithm second, PublicKeyVerifier key) {
    SignedBy first = KeyFacts.of(algorithm, key, Optional.empty());
    signedBy =
        Optional.of(
            new SignedBy(
                algorithm, Optional.of(second), first.key(), first.keyBits(), Optional.empty()));
  }

  /** To be called only after the signature over the statement was verified. */
  public void statement(Statement value) {
    statement = Optional.of(value);
  }

  /** To be called only after the signature was found good, and about the subject. */
  public void annotations(Map<String, String> signed) {
    annotations = signed;
  }

  public boolean hasFailed() {
    return checks.stream().anyMatch(check -> check.outcome() == Check.Outcome.FAILED);
  }

  /** Whether the check of this name has passed, so that what follows from it may be relied on. */
  public boolean hasPassed(String name) {
    return checks.stream()
        .anyMatch(check -> check.name().equals(name) && check.outcome() == Check.Outcome.PASSED);
  }

  /** The record; verified if no check failed and at least one passed. */
  public SignatureRecord record() {
    boolean verified =
        !hasFailed() && checks.stream().anyMatch(check -> check.outcome() == Check.Outcome.PASSED);
    return new SignatureRecord(
        evidence,
        format,
        verified,
        authority,
        identity,
        signedAt,
        timeSource,
        signedBy,
        checks,
        statement,
        annotations);
  }
}
