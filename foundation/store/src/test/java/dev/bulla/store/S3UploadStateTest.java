package dev.bulla.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class S3UploadStateTest {
  private static final S3UploadState STATE =
      new S3UploadState(
          "0123456789abcdef",
          Digest.Algorithm.SHA256,
          List.of(
              new S3UploadState.Segment("00000-0123456789abcdef", 5),
              new S3UploadState.Segment("00001-0123456789abcdef", 1)),
          Optional.of(Digest.sha256(new byte[6])));

  @Test
  void isReadAsItWasWritten() {
    assertThat(S3UploadState.parse(STATE.bytes())).isEqualTo(STATE);
    assertThat(STATE.offset()).isEqualTo(6);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"version\":2,\"revision\":\"0123456789abcdef\",\"likely\":\"sha256\",\"segments\":[]}",
        "{\"version\":1,\"revision\":\"x\",\"likely\":\"sha256\",\"segments\":[]}",
        "{\"version\":1,\"revision\":\"0123456789abcdef\",\"likely\":\"md5\",\"segments\":[]}",
        "{\"version\":1,\"revision\":\"0123456789abcdef\",\"likely\":\"sha256\",\"segments\":[{"
            + "\"name\":\"../x\",\"size\":1}]}",
        "{\"version\":1,\"revision\":\"0123456789abcdef\",\"likely\":\"sha256\",\"segments\":[{"
            + "\"name\":\"00000-0123456789abcdef\",\"size\":-1}]}",
        "{\"version\":1,\"revision\":\"0123456789abcdef\",\"likely\":\"sha256\",\"segments\":[],"
            + "\"more\":1}",
      })
  void refusesWhatBullaDidNotWrite(String text) {
    assertThatThrownBy(() -> S3UploadState.parse(text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_CORRUPT));
  }
}
