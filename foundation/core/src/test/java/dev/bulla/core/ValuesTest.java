package dev.bulla.core;

import static dev.bulla.core.Failing.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Descriptors, platforms, error codes and text made safe. */
class ValuesTest {
  private static final Digest DIGEST = Digest.sha256(new byte[0]);

  @Test
  void descriptorsAreCopiesWithoutNonsense() {
    Map<String, String> annotations = new HashMap<>(Map.of("a", "1"));
    Descriptor descriptor = new Descriptor("x/y", DIGEST, 0).withAnnotations(annotations);
    annotations.put("b", "2");
    assertThat(descriptor.annotations()).containsOnlyKeys("a");
    assertThat(descriptor.withArtifactType("t").withPlatform(new Platform("linux", "amd64")).bare())
        .isEqualTo(new Descriptor("x/y", DIGEST, 0));
    assertFails(ErrorCode.MANIFEST_INVALID, () -> new Descriptor("x/y", DIGEST, -1));
    assertFails(ErrorCode.MANIFEST_INVALID, () -> new Descriptor("", DIGEST, 1));
  }

  @Test
  void platformsPrintWhatTheyParse() {
    assertThat(Platform.parse("linux/arm/v7"))
        .isEqualTo(new Platform("linux", "arm", Optional.of("v7")))
        .hasToString("linux/arm/v7");
    assertThat(Platform.parse("linux/amd64")).hasToString("linux/amd64");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "linux", "linux/", "/amd64", "a/b/c/d", "linux//v7"})
  void whatIsNoPlatformIsRefused(String text) {
    assertFails(ErrorCode.FIELD_INVALID, () -> Platform.parse(text));
  }

  @Test
  void errorCodesHaveStableNamesAndOneExitCodeEach() {
    assertThat(ErrorCode.DIGEST_MISMATCH.id()).isEqualTo("digest-mismatch");
    assertThat(ErrorCode.DIGEST_MISMATCH.page()).isEqualTo("docs/errors/digest-mismatch.md");
    assertThat(Arrays.stream(ErrorCode.values()).map(ErrorCode::id).collect(Collectors.toSet()))
        .hasSize(ErrorCode.values().length);
    assertThat(ErrorCode.USAGE.exitCode()).isEqualTo(2);
    assertThat(ErrorCode.POLICY_REFUSED.exitCode()).isEqualTo(3);
    assertThat(ErrorCode.REGISTRY_UNAVAILABLE.exitCode()).isEqualTo(4);
    assertThat(ErrorCode.INTERNAL.exitCode()).isEqualTo(1);
    assertThat(ErrorCode.values()).allMatch(code -> code.httpStatus() >= 400);
  }

  @Test
  void anExceptionTellsItsCodeIfNothingElse() {
    BullaException bare = new BullaException(ErrorCode.INTERNAL, "what happened");
    assertThat(bare.reason()).isEqualTo("what happened");
    assertThat(bare.nextStep()).isEmpty();
  }

  @Test
  void outsideTextIsShownWithoutControlAndWithoutEnd() {
    assertThat(Shown.text("a\u001b[31mb\nc\u202ed")).isEqualTo("a\\u001b[31mb\\u000ac\\u202ed");
    assertThat(Shown.text("x".repeat(300))).hasSize(201).endsWith("…");
    assertThat(Shown.text("fine äöü €")).isEqualTo("fine äöü €");
  }
}
