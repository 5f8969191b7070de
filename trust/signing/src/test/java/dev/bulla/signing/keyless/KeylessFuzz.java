package dev.bulla.signing.keyless;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampRequestGenerator;

/** Configurations, tokens and what services answer are read or refused, whatever their bytes. */
class KeylessFuzz {
  private static final TimeStampRequest QUESTION =
      new TimeStampRequestGenerator()
          .generate(NISTObjectIdentifiers.id_sha256, new byte[32], BigInteger.ONE);

  @FuzzTest(maxDuration = "10s")
  void signingConfigs(byte[] bytes) {
    readOrRefused(() -> SigningConfig.parse(bytes).select(Instant.EPOCH));
  }

  @FuzzTest(maxDuration = "10s")
  void identityTokens(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    readOrRefused(() -> IdentityToken.parse(text).checkUsable(Instant.EPOCH, "sigstore"));
    readOrRefused(
        () -> IdentityToken.parse(FakeSigstore.jwt(text)).checkUsable(Instant.EPOCH, "sigstore"));
  }

  @FuzzTest(maxDuration = "10s")
  void certificateAnswers(byte[] bytes) {
    readOrRefused(() -> FulcioClient.read(bytes));
  }

  @FuzzTest(maxDuration = "10s")
  void logAnswers(byte[] bytes) {
    readOrRefused(() -> RekorClient.entry1(bytes).toJson());
    readOrRefused(() -> RekorClient.entry2(bytes).toJson());
  }

  @FuzzTest(maxDuration = "10s")
  void stampAnswers(byte[] bytes) {
    readOrRefused(() -> StampClient.check(QUESTION, bytes));
  }

  private static void readOrRefused(Runnable reading) {
    try {
      reading.run();
    } catch (BullaException e) {
      e.code();
    }
  }
}
