package dev.bulla.signing.sigstore;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.claim.TimeSource;
import dev.bulla.signing.trust.CheckList;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Everything that stands beside a good signature, in order: log entries, timestamps, the
 * certificate's path at every time that is proven, its publication, and who it names (Sigstore
 * client specification; the order of the reference verifier but for the signature itself, which was
 * checked first). Offline: nothing is asked of anybody.
 *
 * <p>Entries and timestamps that are not by a log or authority of the trusted root, or do not
 * verify, count for nothing; if what is left is not enough, the reason is that of the first of
 * them. One is enough of each.
 */
public final class EvidenceExamination {
  private static final String LOG = "log";
  private static final String TIMESTAMP = "timestamp";

  private final CheckList checks;
  private final TrustedRoot root;
  private final Optional<DetachedTimestamp> promise;
  private final Optional<Instant> unlogged;

  public EvidenceExamination(CheckList checks, TrustedRoot root) {
    this(checks, root, Optional.empty(), Optional.empty());
  }

  /**
   * @param promise of a certificate log that came apart from the certificate
   * @param unlogged if present, a certificate's signature needs no log entry, and where nobody
   *     proves when it was made, the certificate must be valid at this moment
   */
  public EvidenceExamination(
      CheckList checks,
      TrustedRoot root,
      Optional<DetachedTimestamp> promise,
      Optional<Instant> unlogged) {
    this.checks = checks;
    this.root = root;
    this.promise = promise;
    this.unlogged = unlogged;
  }

  /** What a search among pieces of evidence brought. */
  private record Found<T>(List<T> good, Optional<BullaException> firstFault) {}

  @FunctionalInterface
  private interface Judge<S, T> {
    T judge(S piece);
  }

  /**
   * Whether a signature by a trusted key is logged and stamped as the trusted root asks for: an
   * entry, if the root names a log. Times are looked at and not demanded, for a key has no end.
   */
  public boolean byKey(SignedMaterial signed, List<LogEntry> entries, List<byte[]> stamps) {
    Found<LogCheck.Proven> logged = logged(signed, entries);
    if (root.logs().isEmpty()) {
      checks.skipped(LOG, "the trusted root names no log");
    } else if (!report(logged)) {
      return false;
    }
    Found<Instant> stamped = stamped(signed, stamps);
    List<Instant> times = times(logged.good, stamped);
    signedAt(times, stamped);
    return true;
  }

  /**
   * Whether a signature by a certificate is by {@code wanted}: logged, at a proven time at which
   * the certificate counted, published, and of that identity.
   */
  public boolean byIdentity(
      SignedMaterial signed, List<LogEntry> entries, List<byte[]> stamps, SignerIdentity wanted) {
    X509Certificate leaf = signed.certificate().orElseThrow();
    Found<LogCheck.Proven> logged = logged(signed, entries);
    if (logged.good.isEmpty() && unlogged.isPresent()) {
      checks.skipped(LOG, "not demanded, as asked");
    } else if (!report(logged)) {
      return false;
    }
    Found<Instant> stamped = stamped(signed, stamps);
    List<Instant> times = times(logged.good, stamped);
    if (times.isEmpty() && unlogged.isPresent()) {
      checks.skipped(TIMESTAMP, "not proven; judged as of " + unlogged.get());
      return certified(leaf, List.of(unlogged.get())) && named(leaf, wanted);
    }
    if (times.isEmpty()) {
      checks.failed(
          TIMESTAMP,
          stamped.firstFault.map(CheckList::fault).orElse(ErrorCode.TIMESTAMP_MISSING),
          "a timestamp or a log's promise that proves when the signature was made",
          stamped.firstFault.map(BullaException::reason).orElse("neither"));
      return false;
    }
    checks.passed(TIMESTAMP, times + " proven");
    signedAt(times, stamped);
    return (logged.good.isEmpty() || logsCount(logged.good, times))
        && certified(leaf, times)
        && named(leaf, wanted);
  }

  private Found<LogCheck.Proven> logged(SignedMaterial signed, List<LogEntry> entries) {
    return search(entries, new LogCheck(root, signed)::check);
  }

  private Found<Instant> stamped(SignedMaterial signed, List<byte[]> stamps) {
    StampCheck check = new StampCheck(root);
    return search(stamps, stamp -> check.check(stamp, signed.signature()));
  }

  private static <S, T> Found<T> search(List<S> pieces, Judge<S, T> judge) {
    List<T> good = new ArrayList<>();
    Optional<BullaException> fault = Optional.empty();
    for (S piece : pieces) {
      try {
        good.add(judge.judge(piece));
      } catch (BullaException e) {
        CheckList.fault(e); // rethrows what says nothing about the evidence
        fault = fault.or(() -> Optional.of(e));
      }
    }
    return new Found<>(good, fault);
  }

  private boolean report(Found<LogCheck.Proven> logged) {
    if (logged.good.isEmpty()) {
      checks.failed(
          LOG,
          logged.firstFault.map(CheckList::fault).orElse(ErrorCode.LOG_ENTRY_MISSING),
          "an entry of a log of the trusted root",
          logged.firstFault.map(BullaException::reason).orElse("no log entry"));
      return false;
    }
    LogCheck.Proven first = logged.good.getFirst();
    checks.passed(LOG, "%s in %s".formatted(first.entry(), Shown.text(first.log().toString())));
    return true;
  }

  private static List<Instant> times(List<LogCheck.Proven> logged, Found<Instant> stamped) {
    List<Instant> times = new ArrayList<>(stamped.good);
    logged.forEach(proven -> proven.time().ifPresent(times::add));
    return times;
  }

  /** The earliest of the proven times, and who proves that one. */
  private void signedAt(List<Instant> times, Found<Instant> stamped) {
    times.stream()
        .min(Instant::compareTo)
        .ifPresent(first ->
            checks.signedAt(
                first, stamped.good.contains(first) ? TimeSource.TIMESTAMP : TimeSource.LOG));
  }

  /** A log that says no time must have been believed at one that is proven otherwise. */
  private boolean logsCount(List<LogCheck.Proven> logged, List<Instant> times) {
    if (logged.stream()
        .anyMatch(one ->
            one.time().isPresent() || times.stream().anyMatch(one.log().validity()::covers))) {
      return true;
    }
    TrustedRoot.Log log = logged.getFirst().log();
    checks.failed(
        LOG,
        ErrorCode.LOG_ENTRY_INVALID,
        "a log that is trusted at " + times,
        "the log %s is trusted %s".formatted(Shown.text(log.toString()), log.validity()));
    return false;
  }

  private boolean certified(X509Certificate leaf, List<Instant> times) {
    Optional<X509Certificate> issuer =
        checks.attempt(
            "certificates",
            () -> {
              X509Certificate found = CertificatePath.issuer(leaf, root, times.getFirst());
              times.forEach(time -> CertificatePath.issuer(leaf, root, time));
              return found;
            });
    if (issuer.isEmpty()) {
      return false;
    }
    checks.passed("certificates", "issued by " + issuer.get().getSubjectX500Principal());
    if (root.certificateLogs().isEmpty()) {
      checks.skipped("certificate-log", "the trusted root names no certificate log");
      return true;
    }
    return checks
        .attempt(
            "certificate-log", () -> CertificateTimestamps.check(leaf, issuer.get(), promise, root))
        .map(log -> {
          checks.passed("certificate-log", "promised by " + Shown.text(log.toString()));
          return true;
        })
        .orElse(false);
  }

  private boolean named(X509Certificate leaf, SignerIdentity wanted) {
    Optional<CertifiedIdentity> found =
        checks.attempt("identity", () -> CertifiedIdentity.of(leaf));
    if (found.isEmpty()) {
      return false;
    }
    String shown = Shown.text(found.get().subject() + " by " + found.get().issuer());
    checks.identity(shown);
    if (found.get().issuer().isEmpty()
        || !wanted.subject().matches(found.get().subject())
        || !wanted.issuer().matches(found.get().issuer())) {
      checks.failed("identity", ErrorCode.SIGNER_IDENTITY_MISMATCH, wanted.toString(), shown);
      return false;
    }
    checks.passed("identity", shown);
    return claimed(leaf, wanted);
  }

  private boolean claimed(X509Certificate leaf, SignerIdentity wanted) {
    if (wanted.claims().isEmpty()) {
      return true;
    }
    for (Map.Entry<CertificateClaim, String> claim : new TreeMap<>(wanted.claims()).entrySet()) {
      Optional<String> found =
          checks
              .attempt("claims", () -> CertifiedIdentity.claim(leaf, claim.getKey()))
              .flatMap(Function.identity());
      if (checks.hasFailed()) {
        return false;
      }
      if (!found.equals(Optional.of(claim.getValue()))) {
        checks.failed(
            "claims",
            ErrorCode.SIGNER_IDENTITY_MISMATCH,
            claim.getKey() + " " + claim.getValue(),
            found.map(text -> claim.getKey() + " " + Shown.text(text)).orElse("no such claim"));
        return false;
      }
    }
    checks.passed("claims", "all demanded claims are in the certificate");
    return true;
  }
}
