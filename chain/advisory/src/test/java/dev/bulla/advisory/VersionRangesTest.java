package dev.bulla.advisory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.advisory.Advisory.Affected;
import dev.bulla.advisory.Advisory.Event;
import dev.bulla.advisory.Advisory.Range;
import dev.bulla.advisory.VersionRanges.Outcome;
import dev.bulla.advisory.VersionRanges.Outcome.CannotTell;
import dev.bulla.advisory.VersionRanges.Outcome.IsAffected;
import dev.bulla.advisory.VersionRanges.Outcome.NotAffected;
import dev.bulla.advisory.version.VersionOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VersionRangesTest {
  private static final IsAffected NO_FIX = new IsAffected(List.of());
  private static final NotAffected NOT = new NotAffected();

  @Test
  void aVersionFromIntroducedUpToFixedIsAffected() {
    Affected range = ranges("introduced 2.13.0 fixed 2.15.0");
    assertThat(maven(range, "2.12.9")).isEqualTo(NOT);
    assertThat(maven(range, "2.13.0")).isEqualTo(fixedIn("2.15.0"));
    assertThat(maven(range, "2.14.1")).isEqualTo(fixedIn("2.15.0"));
    assertThat(maven(range, "2.15.0")).isEqualTo(NOT);
    assertThat(maven(range, "2.15.0-rc1")).isEqualTo(fixedIn("2.15.0"));
  }

  @Test
  void theBeginningComesBeforePreReleases() {
    assertThat(semver(ranges("introduced 0 fixed 1.0.0"), "0.0.0-alpha"))
        .isEqualTo(fixedIn("1.0.0"));
  }

  @Test
  void lastAffectedIsStillAffectedAndNamesNoFix() {
    Affected range = ranges("introduced 1.0 last_affected 1.2.17");
    assertThat(maven(range, "1.2.17")).isEqualTo(NO_FIX);
    assertThat(maven(range, "1.2.18")).isEqualTo(NOT);
  }

  @Test
  void eventsMayComeInAnyOrder() {
    Affected range = ranges("fixed 3.0 introduced 2.0 fixed 1.5 introduced 1.0");
    assertThat(maven(range, "1.2")).isEqualTo(fixedIn("1.5"));
    assertThat(maven(range, "1.7")).isEqualTo(NOT);
    assertThat(maven(range, "2.1")).isEqualTo(fixedIn("3.0"));
  }

  @Test
  void atOneVersionFixedTakesEffectBeforeIntroduced() {
    Affected range = ranges("introduced 1.0 fixed 2.0 introduced 2.0");
    assertThat(maven(range, "2.0")).isEqualTo(NO_FIX);
    assertThat(maven(range, "2.5")).isEqualTo(NO_FIX);
  }

  @Test
  void aSingleVersionMayBeIntroducedAndLastAffected() {
    Affected range = ranges("introduced 1.1 last_affected 1.1");
    assertThat(maven(range, "1.1")).isEqualTo(NO_FIX);
    assertThat(maven(range, "1.1.1")).isEqualTo(NOT);
  }

  @Test
  void versionsMustLieBelowOneOfTheLimits() {
    Affected range = ranges("introduced 1.0 limit 2.0");
    assertThat(maven(range, "1.9")).isEqualTo(NO_FIX);
    assertThat(maven(range, "2.0")).isEqualTo(NOT);
    assertThat(maven(ranges("introduced 1.0 limit *"), "9")).isEqualTo(NO_FIX);
    assertThat(maven(ranges("introduced 1.0 limit 2.0 limit 3.0"), "2.5")).isEqualTo(NO_FIX);
  }

  @Test
  void listedVersionsAreAffectedInAnySpelling() {
    Affected listed = affected(List.of(), List.of("1.0", "weird"));
    assertThat(maven(listed, "1.0.0")).isEqualTo(NO_FIX);
    assertThat(maven(listed, "1.1")).isEqualTo(NOT);
    assertThat(semver(listed, "weird")).isEqualTo(NO_FIX);
  }

  @Test
  void anUnreadableVersionIsUndecided() {
    assertThat(semver(ranges("introduced 1.0.0 fixed 2.0.0"), "(devel)"))
        .isEqualTo(new CannotTell("version '(devel)' is not a semantic version"));
    assertThat(semver(ranges("introduced 1.0.0 fixed 2.0.0"), ""))
        .isEqualTo(new CannotTell("the component has no version"));
  }

  @Test
  void whatHoldsForEveryVersionHoldsForUnreadableOnes() {
    assertThat(semver(ranges("introduced 0"), "(devel)")).isEqualTo(NO_FIX);
  }

  @Test
  void anUnreadableBoundIsUndecidedUnlessAnotherRangeDecides() {
    assertThat(semver(ranges("introduced 1.0.0 fixed soon"), "1.5.0"))
        .isEqualTo(new CannotTell("the advisory's 'soon' is not a semantic version"));
    assertThat(
            semver(ranges("introduced 1.0.0 fixed soon", "introduced 1.0.0 fixed 2.0.0"), "1.5.0"))
        .isEqualTo(fixedIn("2.0.0"));
  }

  @Test
  void commitRangesAloneDecideNothing() {
    Affected commits =
        affected(
            List.of(new Range("GIT", List.of(new Event(Event.Kind.INTRODUCED, "0")))), List.of());
    assertThat(semver(commits, "1.0.0"))
        .isEqualTo(new CannotTell("the advisory names commits only"));
    assertThat(semver(affected(List.of(), List.of()), "1.0.0"))
        .isEqualTo(new CannotTell("the advisory names no versions"));
  }

  @Test
  void aRangeOfUnknownTypeDecidesNothing() {
    Affected range =
        affected(
            List.of(new Range("PHASE", List.of(new Event(Event.Kind.INTRODUCED, "0")))), List.of());
    assertThat(semver(range, "1.0.0"))
        .isEqualTo(new CannotTell("the advisory has a range of unknown type 'PHASE'"));
  }

  @Test
  void anRpmBoundWithoutReleaseIsComparedWithTheVersionAlone() {
    VersionRanges rpm = new VersionRanges(VersionOrder.RPM, false);
    assertThat(rpm.evaluate(ranges("introduced 0 last_affected 1.0"), "1.0-5.el9"))
        .isEqualTo(NO_FIX);
    assertThat(rpm.evaluate(ranges("introduced 0 last_affected 1.0-4.el9"), "1.0-5.el9"))
        .isEqualTo(NOT);
  }

  @Test
  void anRpmSourceOfUnknownEpochIsComparedWithoutEpochs() {
    Affected range = ranges("introduced 0 fixed 4:5.26-2");
    assertThat(new VersionRanges(VersionOrder.RPM, true).evaluate(range, "5.28-1")).isEqualTo(NOT);
    assertThat(new VersionRanges(VersionOrder.RPM, false).evaluate(range, "5.28-1"))
        .isEqualTo(fixedIn("4:5.26-2"));
  }

  private static Outcome maven(Affected affected, String version) {
    return new VersionRanges(VersionOrder.MAVEN, false).evaluate(affected, version);
  }

  private static Outcome semver(Affected affected, String version) {
    return new VersionRanges(VersionOrder.SEMVER, false).evaluate(affected, version);
  }

  private static IsAffected fixedIn(String version) {
    return new IsAffected(List.of(version));
  }

  private static Affected ranges(String... ranges) {
    List<Range> all = new ArrayList<>();
    for (String range : ranges) {
      String[] words = range.split(" ");
      List<Event> events = new ArrayList<>();
      for (int i = 0; i < words.length; i += 2) {
        events.add(new Event(Event.Kind.valueOf(words[i].toUpperCase(Locale.ROOT)), words[i + 1]));
      }
      all.add(new Range("ECOSYSTEM", events));
    }
    return affected(all, List.of());
  }

  private static Affected affected(List<Range> ranges, List<String> versions) {
    return new Affected(
        new PackageKey("any", "package"),
        Optional.empty(),
        ranges,
        versions,
        Optional.empty(),
        List.of());
  }
}
