package dev.bulla.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class S3LocationTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3://bucket",
        "s3://my.bucket/a/b-c_d?region=eu-central-1",
        "s3://bucket/p?endpoint=http%3A%2F%2F127.0.0.1%3A9000&region=x&pathStyle=true",
      })
  void printsWhatItReads(String text) {
    assertThat(S3Location.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "s3:bucket",
        "s3://",
        "s3://B",
        "s3://key:secret@bucket",
        "s3://bucket:80/x",
        "s3://bucket/../x",
        "s3://bucket/a//b",
        "s3://bucket/%2e%2e",
        "s3://bucket#x",
        "s3://bucket?pathstyle=true",
        "s3://bucket?pathStyle=yes",
        "s3://bucket?region=a&region=b",
        "s3://bucket?region=EU",
        "s3://bucket?endpoint=ftp://x",
        "s3://bucket?endpoint=http://x/y",
        "s3://bucket?endpoint=http://u:p@x",
        "https://bucket",
      })
  void refusesWhatIsNoPlace(String text) {
    assertThatThrownBy(() -> S3Location.parse(text))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE));
  }
}
