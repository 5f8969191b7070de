package dev.bulla.advisory;

import dev.bulla.advisory.Finding.ComponentName;
import dev.bulla.advisory.Finding.MatchedPackage;
import dev.bulla.advisory.ScanReport.Suppressed;
import dev.bulla.advisory.ScanReport.Undecided;
import dev.bulla.advisory.Targets.Target;
import dev.bulla.advisory.VersionRanges.Outcome;
import dev.bulla.advisory.version.VersionOrder;
import dev.bulla.inventory.Component;
import dev.bulla.inventory.Inventory;
import dev.bulla.inventory.Inventory.Distribution;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Matches components with advisories. For each component its package is looked up, each advisory
 * about it evaluated, and the matches of one vulnerability on one component made into one {@link
 * Finding}.
 *
 * <p>Stateless; thread-safe.
 */
public final class Matcher {
  private static final String OWNED =
      "installed by a distribution package, which the distribution's advisories judge";

  private Matcher() {}

  /** Everything that {@code set} says about {@code inventory}. */
  public static ScanReport match(Inventory inventory, AdvisorySet set) {
    Targets targets = new Targets(inventory.distribution(), set.ecosystems().keySet());
    FindingsByVulnerability open = new FindingsByVulnerability(set);
    FindingsByVulnerability owned = new FindingsByVulnerability(set);
    Collection<Undecided> undecided =
        new TreeSet<>(
            Comparator.comparing(Undecided::advisory, VulnerabilityIds.PREFERRED_FIRST)
                .thenComparing(Undecided::component, FindingsByVulnerability.BY_NAME)
                .thenComparing(Undecided::reason));
    Map<ComponentName, String> owners = new HashMap<>();
    int matched = 0;
    for (Component component : inventory.components()) {
      List<Target> all = targets.of(component);
      if (all.stream().anyMatch(target -> set.ecosystems().containsKey(target.key().ecosystem()))) {
        matched++;
      }
      boolean suppressed =
          component.ownedBy().isPresent() && !Targets.isDistributionPackage(component);
      if (suppressed) {
        component
            .ownedBy()
            .ifPresent(owner -> owners.putIfAbsent(ComponentName.of(component), owner));
      }
      for (Hit hit : hits(all, set)) {
        switch (hit.outcome()) {
          case Outcome.IsAffected affected ->
              (suppressed ? owned : open).add(component, hit, affected.fixed());
          case Outcome.CannotTell unclear -> {
            if (!suppressed) {
              undecided.add(
                  new Undecided(
                      hit.advisory().id(), ComponentName.of(component), unclear.reason()));
            }
          }
          case Outcome.NotAffected none -> {}
        }
      }
    }
    return new ScanReport(
        set.identity(),
        inventory.components().size(),
        matched,
        open.findings(),
        owned.findings().stream().map(finding -> suppressed(finding, owners)).toList(),
        List.copyOf(undecided),
        ScanWarnings.of(inventory, set, targets));
  }

  /** What a single advisory says about a component. */
  public enum Decision {
    AFFECTED,
    NOT_AFFECTED,
    /** A version could not be read; see {@link ScanReport#undecided}. */
    UNDECIDED
  }

  /** Whether {@code advisory}, unless withdrawn, says that {@code component} is affected. */
  public static Decision decide(
      Advisory advisory, Component component, Optional<Distribution> distribution) {
    if (advisory.withdrawn().isPresent()) {
      return Decision.NOT_AFFECTED;
    }
    List<String> ecosystems =
        advisory.affected().stream().map(one -> one.key().ecosystem()).toList();
    Decision decision = Decision.NOT_AFFECTED;
    for (Target target : new Targets(distribution, ecosystems).of(component)) {
      switch (evaluate(advisory, target)) {
        case Outcome.IsAffected affected -> {
          return Decision.AFFECTED;
        }
        case Outcome.CannotTell unclear -> decision = Decision.UNDECIDED;
        case Outcome.NotAffected none -> {}
      }
    }
    return decision;
  }

  /** An advisory about a component's package, and what it says about the version. */
  record Hit(Advisory advisory, MatchedPackage matched, Outcome outcome) {}

  private static List<Hit> hits(List<Target> targets, AdvisorySet set) {
    List<Hit> hits = new ArrayList<>();
    for (Target target : targets) {
      for (Advisory advisory : set.forPackage(target.key().ecosystem(), target.key().name())) {
        MatchedPackage matched =
            new MatchedPackage(target.key().ecosystem(), target.key().name(), target.version());
        hits.add(new Hit(advisory, matched, evaluate(advisory, target)));
      }
    }
    return hits;
  }

  private static Outcome evaluate(Advisory advisory, Target target) {
    VersionOrder order =
        VersionOrder.of(target.key().ecosystem())
            .orElseThrow(
                () -> new IllegalStateException("no order of versions for " + target.key()));
    VersionRanges ranges = new VersionRanges(order, target.epochUnknown());
    PackageKey wanted = target.key().normal();
    TreeSet<String> fixed = new TreeSet<>(order);
    Outcome outcome = new Outcome.NotAffected();
    boolean affects = false;
    for (Advisory.Affected affected : advisory.affected()) {
      if (!affected.key().normal().equals(wanted)) {
        continue;
      }
      switch (ranges.evaluate(affected, target.version())) {
        case Outcome.IsAffected yes -> {
          affects = true;
          fixed.addAll(yes.fixed());
        }
        case Outcome.CannotTell unclear -> outcome = unclear;
        case Outcome.NotAffected none -> {}
      }
    }
    return affects ? new Outcome.IsAffected(List.copyOf(fixed)) : outcome;
  }

  private static Suppressed suppressed(Finding finding, Map<ComponentName, String> owners) {
    return new Suppressed(
        finding.id(),
        finding.level(),
        finding.advisories(),
        finding.component(),
        owners.getOrDefault(finding.component(), ""),
        OWNED);
  }
}
