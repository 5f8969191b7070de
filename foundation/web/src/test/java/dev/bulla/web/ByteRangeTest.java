package dev.bulla.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRangeTest {

  @ParameterizedTest
  @CsvSource({
    "bytes=500-1499, bytes 500-1499/4096",
    "bytes=500-, bytes 500-4095/4096",
    "bytes=-500, bytes 3596-4095/4096",
    "bytes=2000-5000, bytes 2000-4095/4096",
    "bytes=-9000, bytes 0-4095/4096",
    "Bytes=0-0, bytes 0-0/4096",
    "bytes=9-99999999999999999999, bytes 9-4095/4096",
  })
  void readsOneRange(String header, String expected) {
    assertThat(ByteRange.parse(header, 4096).orElseThrow().contentRange()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=500-0", "bytes=4096-", "bytes=5000-10000", "bytes=-0"})
  void refusesARangeWithoutAnyByte(String header) {
    assertThatThrownBy(() -> ByteRange.parse(header, 4096))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RANGE_INVALID));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "bytes", "bytes=", "bytes=-", "items=0-1", "bytes=0-1,3-4", "bytes=a-b"})
  void ignoresWhatItDoesNotRead(String header) {
    assertThat(ByteRange.parse(header, 4096)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=0-", "bytes=-1", "bytes=0-0"})
  void nothingLiesInEmptyContent(String header) {
    assertThatThrownBy(() -> ByteRange.parse(header, 0)).isInstanceOf(BullaException.class);
  }
}
