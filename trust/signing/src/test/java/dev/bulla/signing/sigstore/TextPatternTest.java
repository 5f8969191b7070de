package dev.bulla.signing.sigstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import org.junit.jupiter.api.Test;

class TextPatternTest {
  @Test
  void anExactTextIsTheWholeText() {
    TextPattern wanted = TextPattern.exactly("https://example.test/a.b");
    assertThat(wanted.matches("https://example.test/a.b")).isTrue();
    assertThat(wanted.matches("https://example.test/a.b/c")).isFalse();
    assertThat(wanted.matches("https://example.test/aXb")).isFalse();
    assertThat(wanted.matches("HTTPS://example.test/a.b")).isFalse();
  }

  @Test
  void anExpressionIsFoundAnywhereUnlessItIsAnchored() {
    assertThat(TextPattern.matching("example").matches("https://example.test")).isTrue();
    assertThat(TextPattern.matching("^example").matches("https://example.test")).isFalse();
    assertThat(TextPattern.matching("^https://[a-z.]+$").matches("https://example.test")).isTrue();
  }

  @Test
  void expressionsThatTakeForeverElsewhereDoNotHere() {
    assertThat(TextPattern.matching("^(a+)+$").matches("a".repeat(5000) + "b")).isFalse();
  }

  @Test
  void anExpressionThatIsNoneIsRefused() {
    for (String wrong : new String[] {"(", "a(?=b)", "\\1"}) {
      assertThatThrownBy(() -> TextPattern.matching(wrong))
          .isInstanceOfSatisfying(
              BullaException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE));
    }
  }
}
