package dev.bulla.registry.replication;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import dev.bulla.core.Reference;
import dev.bulla.keys.KeyAlgorithm;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.security.SecureRandom;

/** A source may answer anything; so may whoever sends receipts. */
class FeedFuzz {
  private static final String KEY =
      new Seal(KeyAlgorithm.ED25519.generate(new SecureRandom())).key();

  @FuzzTest
  void aPageIsReadOrRefusedAndNeverBelievedUnsigned(FuzzedDataProvider data) {
    byte[] bytes = data.consumeRemainingAsBytes();
    try {
      FeedPage page = FeedPage.parse(bytes);
      assertThat(page.entries()).hasSizeLessThanOrEqualTo(FeedPage.MAX_ENTRIES);
      page.verify("team/app", KEY, Position.begin("team/app"));
      throw new AssertionError("nobody has signed this");
    } catch (BullaException e) {
      // refused
    }
    try {
      Receipt.parse(bytes);
    } catch (BullaException e) {
      // refused
    }
    try {
      RemoteSource.feeds(bytes)
          .homes()
          .forEach((name, homes) -> {
            assertThat(Reference.isRepository(name)).isTrue();
            assertThat(homes).hasSizeLessThanOrEqualTo(Homes.MAX);
          });
    } catch (BullaException e) {
      // refused
    }
  }

  @FuzzTest
  void aFileOfReceiptsIsReadLineByLineOrRefused(FuzzedDataProvider data) throws IOException {
    byte[] rest = data.consumeRemainingAsBytes();
    byte[] first = "{\"kind\":\"bulla-receipts\",\"version\":1}\n".getBytes(US_ASCII);
    for (byte[] start : new byte[][] {first, {}}) {
      try (InputStream in =
          new SequenceInputStream(
              new ByteArrayInputStream(start), new ByteArrayInputStream(rest))) {
        ReceiptFile.read(
            (repository, report) -> assertThat(Reference.isRepository(repository)).isTrue(),
            in,
            "receipts");
      } catch (BullaException e) {
        // refused
      }
    }
  }
}
