package dev.bulla.signing.notation;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import dev.bulla.keys.Certificates;
import java.util.List;

/** Envelopes, payloads, chains and timestamps from outside are read or refused, whatever their bytes. */
class NotationFuzz {

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
    readOrRefused(() -> TimestampToken.verify(bytes, new byte[64], List.of()));
  }

  private static void readOrRefused(Runnable reading) {
    try {
      reading.run();
    } catch (BullaException e) {
      e.code();
    }
  }
}
