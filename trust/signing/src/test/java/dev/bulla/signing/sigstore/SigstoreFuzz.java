package dev.bulla.signing.sigstore;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import dev.bulla.keys.Certificates;
import dev.bulla.signing.timestamp.Rfc3161Token;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * Trusted roots, checkpoints, certificates and timestamps from outside are read or refused,
 * whatever their bytes.
 */
class SigstoreFuzz {
  private static final TrustedRoot NOBODY =
      new TrustedRoot(List.of(), List.of(), List.of(), List.of());

  @FuzzTest(maxDuration = "10s")
  void trustedRoots(byte[] bytes) {
    readOrRefused(() -> TrustedRoot.parse(bytes));
  }

  @FuzzTest(maxDuration = "10s")
  void logEntries(byte[] bytes) {
    readOrRefused(() -> LogEntry.parse(ProtoJson.parse(bytes, 1 << 20, "entry")));
    readOrRefused(() -> LogEntry.parseLegacy(ProtoJson.parse(bytes, 1 << 20, "entry")));
  }

  @FuzzTest(maxDuration = "10s")
  void checkpoints(byte[] bytes) {
    readOrRefused(() -> Checkpoint.parse(new String(bytes, StandardCharsets.UTF_8)));
  }

  @FuzzTest(maxDuration = "10s")
  void certificates(byte[] bytes) {
    readOrRefused(() -> CertifiedIdentity.of(Certificates.parse(bytes, "certificate")));
    for (CertificateClaim claim : CertificateClaim.values()) {
      readOrRefused(() -> CertifiedIdentity.claim(Certificates.parse(bytes, "certificate"), claim));
    }
    readOrRefused(() -> {
      X509Certificate certificate = Certificates.parse(bytes, "certificate");
      CertificateTimestamps.check(certificate, certificate, Optional.empty(), NOBODY);
    });
  }

  @FuzzTest(maxDuration = "10s")
  void detachedTimestamps(byte[] bytes) {
    readOrRefused(() -> DetachedTimestamp.parse(bytes));
  }

  @FuzzTest(maxDuration = "10s")
  void derElements(byte[] bytes) {
    readOrRefused(() -> Der.parse(bytes).children().forEach(Der::children));
  }

  @FuzzTest(maxDuration = "10s")
  void timestamps(byte[] bytes) {
    readOrRefused(() -> {
      Rfc3161Token token = Rfc3161Token.parseResponse(bytes);
      token.accuracy();
      token.embedded().stream().filter(token::names).forEach(token::checkSignedBy);
      token.checkOver(new byte[64]);
    });
  }

  private static void readOrRefused(Runnable reading) {
    try {
      reading.run();
    } catch (BullaException e) {
      e.code();
    }
  }
}
