package dev.bulla.graph;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

/** Purls come out of documents that others wrote. */
class CanonicalPurlFuzz {
  @FuzzTest
  void aCanonicalPurlIsItsOwnCanonicalForm(FuzzedDataProvider data) {
    String text = data.consumeRemainingAsString();
    for (String candidate : new String[] {text, "pkg:" + text, "pkg:maven/" + text}) {
      CanonicalPurl.of(candidate)
          .ifPresent(purl -> assertThat(CanonicalPurl.of(purl)).contains(purl));
    }
  }
}
