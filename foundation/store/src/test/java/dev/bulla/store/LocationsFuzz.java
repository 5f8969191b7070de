package dev.bulla.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** What a bucket holds of an upload, and the addresses of stores. */
class LocationsFuzz {

  /** The state of an upload is read and written the same, or refused as damage. */
  @FuzzTest
  void uploadStateIsReadOrRefused(byte[] bytes) {
    S3UploadState state;
    try {
      state = S3UploadState.parse(bytes);
    } catch (BullaException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.STORE_CORRUPT);
      return;
    }
    assertThat(S3UploadState.parse(state.bytes())).isEqualTo(state);
    assertThat(state.offset()).isNotNegative();
  }

  /** The address of a bucket is read and printed the same, or refused. */
  @FuzzTest
  void bucketIsReadOrRefused(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    S3Location location;
    try {
      location = S3Location.parse(text);
    } catch (BullaException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.USAGE);
      return;
    }
    assertThat(S3Location.parse(location.toString())).isEqualTo(location);
  }

  /** The address of a database is read or refused, and nothing secret is printed. */
  @FuzzTest
  void databaseIsReadOrRefused(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    try {
      assertThat(PostgresUrl.parse(text).toString()).isNotEmpty();
    } catch (BullaException e) {
      assertThat(e.code()).isIn(Set.of(ErrorCode.CONFIGURATION_INVALID, ErrorCode.USAGE));
    }
  }
}
