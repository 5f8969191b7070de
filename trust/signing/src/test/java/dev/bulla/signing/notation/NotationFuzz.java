package dev.bulla.signing.notation;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import dev.bulla.keys.Certificates;
import dev.bulla.signing.revocation.Revocation;
import dev.bulla.signing.revocation.RevocationSource;
import dev.bulla.signing.timestamp.VerifiedStamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Envelopes, payloads, chains and timestamps from outside are read or refused, whatever their
 * bytes.
 */
class NotationFuzz {
  private static final Revocation NOBODY =
      new Revocation(RevocationSource.none(), Instant.parse("2026-11-21T12:00:00Z"));

  @FuzzTest(maxDuration = "10s")
  void jwsEnvelopes(byte[] bytes) {
    readOrRefused(() -> JwsEnvelope.parse(bytes));
  }

  @FuzzTest(maxDuration = "10s")
  void coseEnvelopes(byte[] bytes) {
    readOrRefused(() -> CoseEnvelope.parse(bytes));
  }

  @FuzzTest(maxDuration = "10s")
  void payloads(byte[] bytes) {
    readOrRefused(() -> TargetArtifact.parse(bytes));
  }

  @FuzzTest(maxDuration = "10s")
  void certificateChains(byte[] bytes) {
    readOrRefused(() -> CertificateRules.check(Certificates.parseAll(bytes, "chain")));
  }

  @FuzzTest(maxDuration = "10s")
  void timestamps(byte[] bytes) {
    readOrRefused(() -> VerifiedStamp.verify(bytes, new byte[64], List.of(), Optional.of(NOBODY)));
  }

  private static void readOrRefused(Runnable reading) {
    try {
      reading.run();
    } catch (BullaException e) {
      e.code();
    }
  }
}
