package dev.bulla.signing.keyless;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.signing.http.ServiceClient;
import dev.bulla.signing.sigstore.LogEntry;
import dev.bulla.signing.sigstore.ReceivedEvidence;
import dev.bulla.signing.sigstore.SignedMaterial;
import dev.bulla.signing.sigstore.TrustedRoot;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Has signatures stamped and logged, and believes none of the answers: each must verify by the
 * trusted root by which others will verify it. Thread-safe.
 */
public final class EvidenceServices {
  /** How far this machine's clock and an authority's may be apart. */
  private static final Duration SKEW = Duration.ofMinutes(5);

  private final SigningServices services;
  private final TrustedRoot root;
  private final ServiceClient client;
  private final InstantSource clock;
  private final SecureRandom random;

  /**
   * @param client to be closed by the caller
   */
  public EvidenceServices(
      SigningServices services,
      TrustedRoot root,
      ServiceClient client,
      InstantSource clock,
      SecureRandom random) {
    this.services = services;
    this.root = root;
    this.client = client;
    this.clock = clock;
    this.random = random;
  }

  public TrustedRoot root() {
    return root;
  }

  /** Whether entries in logs are made. */
  public boolean asksLogs() {
    return !services.logs().isEmpty();
  }

  /** Whether a log asks for signatures that are over a hash (Rekor v2 takes no others). */
  public boolean logsHashesOnly() {
    return services.logs().stream().anyMatch(log -> log.version() == 2);
  }

  /**
   * Timestamps and entries for {@code signed}: first the timestamps, for a log may take its time
   * and the certificate ends.
   *
   * @throws BullaException {@link ErrorCode#TIMESTAMP_INVALID}, {@link
   *     ErrorCode#SIGNER_NOT_TRUSTED}, {@link ErrorCode#LOG_ENTRY_INVALID}, {@link
   *     ErrorCode#LOG_ENTRY_MISSING} for what does not verify; {@link
   *     ErrorCode#SERVICE_UNAVAILABLE}; {@link ErrorCode#SERVICE_REFUSED}
   */
  public SigningEvidence about(SignedMaterial signed) {
    ReceivedEvidence received = new ReceivedEvidence(root);
    boolean carried = received.needsStampCertificates();
    List<byte[]> stamps = new ArrayList<>();
    for (var authority : services.timestampAuthorities()) {
      byte[] stamp = new StampClient(authority, carried, client, random).stamp(signed.signature());
      checkTime(received.timestamp(stamp, signed.signature()), signed);
      stamps.add(stamp);
    }
    List<LogEntry> entries = new ArrayList<>();
    for (SigningServices.Log log : services.logs()) {
      LogEntry entry = new RekorClient(log, client, root).submit(signed);
      received.logEntry(entry, signed);
      entries.add(entry);
    }
    return new SigningEvidence(entries, stamps);
  }

  /** A stamp of another time than now is an old one, or the authority's clock is off. */
  private void checkTime(Instant stamped, SignedMaterial signed) {
    Instant now = clock.instant();
    if (stamped.isBefore(now.minus(SKEW)) || stamped.isAfter(now.plus(SKEW))) {
      throw new BullaException(
          ErrorCode.TIMESTAMP_INVALID,
          "the timestamp authority stamps %s, now it is %s".formatted(stamped, now),
          "Check the clock of this machine.");
    }
    if (signed.certificate().filter(one -> !covers(one, stamped)).isPresent()) {
      throw new BullaException(
          ErrorCode.CERTIFICATE_EXPIRED,
          "the timestamp is of %s, when the certificate does not count".formatted(stamped),
          "Check the clocks of this machine and of the certificate authority.");
    }
  }

  private static boolean covers(X509Certificate certificate, Instant time) {
    return !time.isBefore(certificate.getNotBefore().toInstant())
        && !time.isAfter(certificate.getNotAfter().toInstant());
  }
}
