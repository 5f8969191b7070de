package dev.bulla.oci;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A registry of before OCI 1.1: referrers are kept in an index under a tag. */
class RegistryWithoutReferrersContract extends RegistryContract {
  @Override
  void configure() {
    registry.withoutReferrersApi();
  }

  @Test
  void keepsTheListUnderTheTagOfTheSpecification() {
    SampleImage image = SampleImage.of(1);
    image.pushTo(repository(), "1.0");
    Manifest referrer = SampleImage.attach(repository(), image.descriptor(), "type/a", "x");

    byte[] list = registry.manifest("team/app", "sha256-" + image.digest().hex()).orElseThrow();
    assertThat(Manifest.parse(list, dev.bulla.core.MediaTypes.OCI_INDEX).manifests())
        .singleElement()
        .satisfies(entry -> {
          assertThat(entry.digest()).isEqualTo(referrer.descriptor().digest());
          assertThat(entry.artifactType()).contains("type/a");
          assertThat(entry.annotations()).containsEntry("note", "x");
        });
  }
}
