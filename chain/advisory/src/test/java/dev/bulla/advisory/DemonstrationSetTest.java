package dev.bulla.advisory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.inventory.Component;
import dev.bulla.inventory.Inventory;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * The set beside the examples: what it must say about the two versions of Log4j that the examples
 * carry.
 */
class DemonstrationSetTest {
  private static final Path EXAMPLES = Path.of("../../examples/advisories");
  private static final String LOG4J = "org.apache.logging.log4j:log4j-core";

  @Test
  void saysThatItIsSmall() {
    try (AdvisorySet set = AdvisorySet.load(EXAMPLES)) {
      assertThat(set.description()).isEqualTo("demonstration set, 63 records");
      assertThat(set.identity().date()).isPresent();
      assertThat(scan(set, "3.0.0").warnings())
          .contains("demonstration set, 63 records: what it does not name may still be vulnerable");
    }
  }

  @Test
  void log4j2141IsAffectedByAllFour() {
    try (AdvisorySet set = AdvisorySet.load(EXAMPLES)) {
      ScanReport report = scan(set, "2.14.1");
      assertThat(report.findings())
          .extracting(Finding::id)
          .containsExactlyInAnyOrder(
              "CVE-2021-44228", "CVE-2021-45046", "CVE-2021-45105", "CVE-2021-44832");
      Finding worst = report.findings().getFirst();
      assertThat(worst.id()).isEqualTo("CVE-2021-44228");
      assertThat(worst.level()).isEqualTo(Level.CRITICAL);
      assertThat(worst.fixedVersions()).containsExactly("2.15.0");
      assertThat(worst.ratings().getFirst().score()).isEqualTo("10.0");
    }
  }

  @Test
  void log4j2123IsNotAffectedByCve202144228() {
    try (AdvisorySet set = AdvisorySet.load(EXAMPLES)) {
      ScanReport report = scan(set, "2.12.3");
      assertThat(report.findings()).extracting(Finding::id).containsExactly("CVE-2021-44832");
      assertThat(report.findings().getFirst().level()).isEqualTo(Level.MEDIUM);
      assertThat(report.findings().getFirst().fixedVersions()).containsExactly("2.12.4");
    }
  }

  private static ScanReport scan(AdvisorySet set, String version) {
    Component component = TruthInventory.component("maven", LOG4J, version);
    return Matcher.match(
        new Inventory(Optional.empty(), "test", Optional.empty(), List.of(component), List.of()),
        set);
  }
}
