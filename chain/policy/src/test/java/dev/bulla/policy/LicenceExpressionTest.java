package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LicenceExpressionTest {
  private static final List<String> BANNED = List.of("AGPL-3.0*", "SSPL-1.0");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AGPL-3.0-only",
        "agpl-3.0-or-later",
        "SSPL-1.0",
        "AGPL-3.0-only AND MIT",
        "MIT and SSPL-1.0",
        "AGPL-3.0-only OR SSPL-1.0",
        "(MIT OR Apache-2.0) AND (SSPL-1.0 OR AGPL-3.0-only)",
        "AGPL-3.0-only WITH exception",
        "AGPL-3.0",
        "AGPL-3.0-only OR",
        "(AGPL-3.0-only",
        "GNU AGPL-3.0 licence",
        "MIT AND (Apache-2.0 AND (SSPL-1.0))",
      })
  void thereIsNoWayAround(String expression) {
    assertThat(LicenceExpression.forbidden(expression, BANNED)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "MIT",
        "",
        "MIT OR AGPL-3.0-only",
        "AGPL-3.0-only OR (MIT AND Apache-2.0)",
        "SSPL-1.0-like",
        "GPL-2.0-only WITH Classpath-exception-2.0",
        "Apache License, Version 2.0",
        "LicenseRef-AGPL",
      })
  void thereIsAWay(String expression) {
    assertThat(LicenceExpression.forbidden(expression, BANNED)).isFalse();
  }

  @Test
  void deepAndLongTextsEnd() {
    assertThat(LicenceExpression.forbidden("(".repeat(4_000) + "SSPL-1.0", BANNED)).isFalse();
    assertThat(LicenceExpression.forbidden("(".repeat(100) + "SSPL-1.0" + ")".repeat(100), BANNED))
        .isTrue();
    assertThat(LicenceExpression.forbidden("MIT OR ".repeat(1_000) + "MIT", List.of("*a*b*c*d*e*")))
        .isFalse();
  }

  @Test
  void patternsMatchWholeNames() {
    assertThat(Glob.matches("registry.example/library/debian", "registry.example/*")).isTrue();
    assertThat(Glob.matches("evil.example/registry.example/x", "registry.example/*")).isFalse();
    assertThat(Glob.matches("abc", "a*c")).isTrue();
    assertThat(Glob.matches("abcd", "a*c")).isFalse();
    assertThat(Glob.matches("", "*")).isTrue();
    assertThat(Glob.matches("", "")).isTrue();
    assertThat(Glob.matches("a", "")).isFalse();
    assertThat(Glob.matches("aXbXc", "*X*X*")).isTrue();
  }
}
