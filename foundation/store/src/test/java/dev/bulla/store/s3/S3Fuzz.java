package dev.bulla.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.nio.charset.StandardCharsets;

/** What lies in the bucket and what the user writes may be refused, with a code, and no more. */
class S3Fuzz {

  @FuzzTest(maxDuration = "30s")
  void state(byte[] data) {
    try {
      UploadState state = UploadState.parse(data);
      assertThat(UploadState.parse(state.bytes())).isEqualTo(state);
    } catch (BullaException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.STORE_CORRUPT);
    }
  }

  @FuzzTest(maxDuration = "30s")
  void location(byte[] data) {
    try {
      S3Location location = S3Location.parse(new String(data, StandardCharsets.UTF_8));
      assertThat(S3Location.parse(location.toString())).isEqualTo(location);
    } catch (BullaException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.USAGE);
    }
  }
}
