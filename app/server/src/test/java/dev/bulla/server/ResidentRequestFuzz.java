package dev.bulla.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/** Anybody of the same user may write to the socket. */
class ResidentRequestFuzz {
  @FuzzTest
  void aRequestIsReadOrRefused(FuzzedDataProvider data) {
    byte[] bytes = data.consumeRemainingAsBytes();
    try {
      ResidentRequest.read(new ByteArrayInputStream(bytes));
    } catch (IOException | IllegalArgumentException e) {
      // refused
    }
    try {
      ResidentRequest request = ResidentRequest.parse("/run", bytes);
      assertThat(request.workingDirectory()).isAbsolute();
      assertThat(ResidentRequest.ENVIRONMENT).containsAll(request.environment().keySet());
    } catch (IOException | IllegalArgumentException e) {
      // refused
    }
  }
}
