package dev.bulla.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ChallengeTest {

  @Test
  void readsWhatRegistriesSend() {
    assertThat(
            Challenge.parse(
                "Bearer"
                    + " realm=\"https://auth.example/token\",service=\"reg\",scope=\"repository:a/b:pull,push\""))
        .containsExactly(
            new Challenge(
                "bearer",
                Map.of(
                    "realm", "https://auth.example/token",
                    "service", "reg",
                    "scope", "repository:a/b:pull,push")));
  }

  @Test
  void readsSeveralSchemesInOneHeaderOrSeveral() {
    assertThat(Challenge.choose(List.of("Basic realm=\"x\", Bearer realm=\"https://t\"")))
        .hasValueSatisfying(one -> assertThat(one.parameter("realm")).contains("https://t"));
    assertThat(Challenge.choose(List.of("Negotiate", "BASIC realm=x")))
        .hasValueSatisfying(one -> assertThat(one.scheme()).isEqualTo("basic"));
    assertThat(Challenge.choose(List.of("Negotiate"))).isEmpty();
    assertThat(Challenge.choose(List.of())).isEmpty();
  }

  @Test
  void readsQuotedPairsAndSpaces() {
    assertThat(Challenge.parse("Bearer realm = \"a\\\"b\" , service=\"s p\""))
        .containsExactly(new Challenge("bearer", Map.of("realm", "a\"b", "service", "s p")));
  }

  @Test
  void survivesNonsense() {
    assertThat(Challenge.parse("")).isEmpty();
    assertThat(Challenge.parse(",,,")).isEmpty();
    assertThat(Challenge.parse("\"")).isEmpty();
    assertThat(Challenge.parse("Bearer realm=\"never ends")).hasSize(1);
    assertThat(Challenge.parse("Bearer =\"x\"")).isEmpty();
  }
}
