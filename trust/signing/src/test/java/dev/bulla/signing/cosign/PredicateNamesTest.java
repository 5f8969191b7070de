package dev.bulla.signing.cosign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.core.BullaException;
import org.junit.jupiter.api.Test;

class PredicateNamesTest {

  @Test
  void knowsCosignsNamesAndTakesUrisAsTheyAre() {
    assertThat(PredicateNames.toUri("slsaprovenance1")).isEqualTo("https://slsa.dev/provenance/v1");
    assertThat(PredicateNames.toUri("https://example.com/own/v1"))
        .isEqualTo("https://example.com/own/v1");
  }

  @Test
  void aMisspeltNameIsAnsweredWithTheNearestOne() {
    assertThatThrownBy(() -> PredicateNames.toUri("cyclondx"))
        .isInstanceOfSatisfying(
            BullaException.class, e -> assertThat(e.nextStep()).contains("cyclonedx"));
  }
}
