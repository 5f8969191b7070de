package dev.bulla.signing.notation;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.claim.TimeSource;
import dev.bulla.signing.revocation.Revocation;
import dev.bulla.signing.timestamp.VerifiedStamp;
import dev.bulla.signing.trust.CheckList;
import dev.bulla.signing.trust.TrustStatement;
import dev.bulla.signing.trust.TrustStore;
import dev.bulla.signing.trust.VerificationLevel.Aspect;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether every certificate of the chain was valid when the signature was made (signature
 * specification 1.1, "Signing Time and Trusted Timestamp").
 *
 * <p>The time is the signing authority's if the scheme has one; else that of an RFC 3161 timestamp
 * if the trust policy names a store of timestamp authorities; else now.
 */
final class TimestampCheck {
  private static final String NAME = "timestamp";

  private final CheckList checks;
  private final TrustStatement statement;
  private final TrustStore stores;
  private final Revocation revocation;
  private final Instant now;

  TimestampCheck(
      CheckList checks,
      TrustStatement statement,
      TrustStore stores,
      Revocation revocation,
      Instant now) {
    this.checks = checks;
    this.statement = statement;
    this.stores = stores;
    this.revocation = revocation;
    this.now = now;
  }

  /**
   * The latest time at which the signature can have been made, if that is authentic; a clock proves
   * nothing about it.
   */
  Optional<Instant> run(Envelope envelope) {
    List<X509Certificate> chain = envelope.chain();
    return switch (envelope.scheme()) {
      case SIGNING_AUTHORITY -> {
        within(chain, envelope.signingTime(), envelope.signingTime(), "the signing authority");
        yield Optional.of(envelope.signingTime());
      }
      case X509 -> {
        if (usesTimestamp(chain)) {
          yield byTimestamp(envelope);
        }
        within(chain, now, now, "the clock");
        yield Optional.empty();
      }
    };
  }

  private boolean usesTimestamp(List<X509Certificate> chain) {
    return !timestampStores().isEmpty()
        && (!statement.timestampOnlyAfterExpiry()
            || chain.stream().anyMatch(one -> now.isAfter(one.getNotAfter().toInstant())));
  }

  private Optional<Instant> byTimestamp(Envelope envelope) {
    Optional<byte[]> token = envelope.timestamp();
    if (token.isEmpty()) {
      failed(ErrorCode.TIMESTAMP_INVALID, "an RFC 3161 timestamp", "the signature carries none");
      return Optional.empty();
    }
    try {
      List<X509Certificate> roots = new ArrayList<>();
      timestampStores().forEach(store -> roots.addAll(stores.certificates(store)));
      VerifiedStamp read =
          VerifiedStamp.verify(token.get(), envelope.signature(), roots, Optional.of(revocation));
      checks.signedAt(read.latest(), TimeSource.TIMESTAMP);
      within(envelope.chain(), read.earliest(), read.latest(), "timestamp by " + read.authority());
      return Optional.of(read.latest());
    } catch (BullaException e) {
      failed(CheckList.fault(e), "", e.reason());
      return Optional.empty();
    }
  }

  private List<TrustStore.Name> timestampStores() {
    return statement.stores().stream().filter(store -> store.type().equals("tsa")).toList();
  }

  private void within(
      List<X509Certificate> chain, Instant earliest, Instant latest, String source) {
    for (X509Certificate certificate : chain) {
      Instant from = certificate.getNotBefore().toInstant();
      Instant until = certificate.getNotAfter().toInstant();
      if (earliest.isBefore(from) || latest.isAfter(until)) {
        failed(
            ErrorCode.CERTIFICATE_EXPIRED,
            "'%s' valid from %s to %s"
                .formatted(certificate.getSubjectX500Principal(), from, until),
            "%s by %s".formatted(latest, source));
        return;
      }
    }
    checks.passed(NAME, "all certificates valid at %s by %s".formatted(latest, source));
  }

  private void failed(ErrorCode code, String expected, String found) {
    checks.add(
        SignatureExamination.byPolicy(
            statement, Aspect.AUTHENTIC_TIMESTAMP, NAME, code, expected, found));
  }
}
