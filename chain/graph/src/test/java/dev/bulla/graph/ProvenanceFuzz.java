package dev.bulla.graph;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.core.BullaException;
import dev.bulla.core.Digest;
import dev.bulla.core.json.Json;

/** Provenance is signed, but by whoever is believed, not by us. */
class ProvenanceFuzz {
  private static final Digest DOCUMENT = Digest.sha256(new byte[0]);

  @FuzzTest
  void provenanceIsReadOrRefused(FuzzedDataProvider data) {
    try {
      ReleaseRecord.Build build =
          SlsaProvenance.read(DOCUMENT, Json.parse(data.consumeRemainingAsBytes(), "fuzz"));
      assertThat(build.builder()).isNotNull();
      assertThat(build.materials()).doesNotContainNull();
    } catch (BullaException e) {
      assertThat(e.reason()).isNotEmpty();
    }
  }
}
