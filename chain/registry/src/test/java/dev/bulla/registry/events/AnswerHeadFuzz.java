package dev.bulla.registry.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/** A receiver may answer anything. */
class AnswerHeadFuzz {
  @FuzzTest
  void anAnswerIsReadOrRefused(FuzzedDataProvider data) {
    try {
      AnswerHead head = AnswerHead.read(new ByteArrayInputStream(data.consumeRemainingAsBytes()));
      assertThat(head.status()).isBetween(200, 599);
      assertThat(head.pause().toSeconds()).isBetween(0L, 3_600L);
    } catch (IOException e) {
      // refused
    }
  }
}
