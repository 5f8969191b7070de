package dev.bulla.advisory;

import dev.bulla.advisory.Targets.Target;
import dev.bulla.advisory.version.VersionOrder;
import dev.bulla.core.Shown;
import dev.bulla.inventory.Component;
import dev.bulla.inventory.Inventory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a reader of a report must know besides its findings; above all, what was not judged. */
final class ScanWarnings {
  /**
   * Ecosystems of OSV schema 1.7 for whose versions there is no order here, with the purl type of
   * their packages.
   */
  private static final Map<String, String> NOT_MATCHED =
      Map.ofEntries(
          Map.entry("Bioconductor", "bioconductor"),
          Map.entry("Bitnami", "bitnami"),
          Map.entry("ConanCenter", "conan"),
          Map.entry("CRAN", "cran"),
          Map.entry("GHC", "ghc"),
          Map.entry("GitHub Actions", "githubactions"),
          Map.entry("Hackage", "hackage"),
          Map.entry("Hex", "hex"),
          Map.entry("Julia", "julia"),
          Map.entry("Kubernetes", "k8s"),
          Map.entry("NuGet", "nuget"),
          Map.entry("opam", "opam"),
          Map.entry("OSS-Fuzz", "generic"),
          Map.entry("Packagist", "composer"),
          Map.entry("Pub", "pub"),
          Map.entry("RubyGems", "gem"),
          Map.entry("SwiftURL", "swift"),
          Map.entry("VSCode", "vscode-extension"),
          Map.entry("Android", "android"),
          Map.entry("Linux", "linux"),
          Map.entry("GIT", "git"));

  private ScanWarnings() {}

  static List<String> of(Inventory inventory, AdvisorySet set, Targets targets) {
    List<String> warnings = new ArrayList<>();
    if (set.identity().demonstration()) {
      warnings.add(set.description() + ": what it does not name may still be vulnerable");
    }
    if (!set.leftOut().isEmpty()) {
      warnings.add(
          "%d record%s of the advisory set could not be read, left out; the first: %s"
              .formatted(
                  set.leftOut().size(),
                  set.leftOut().size() == 1 ? "" : "s",
                  set.leftOut().getFirst()));
    }
    ecosystems(inventory, set, warnings);
    unjudged(inventory, set, targets, warnings);
    inventory.warnings().forEach(warning -> warnings.add("inventory: " + warning));
    return warnings.stream().distinct().sorted().toList();
  }

  private static void ecosystems(Inventory inventory, AdvisorySet set, List<String> warnings) {
    SortedMap<String, Integer> families = new TreeMap<>();
    set.ecosystems()
        .forEach((name, records) ->
            families.merge(new PackageKey(name, "").family(), records, Integer::sum));
    families.forEach((family, records) -> {
      if (VersionOrder.of(family).isPresent()) {
        return;
      }
      String type = NOT_MATCHED.get(family);
      if (type == null) {
        warnings.add(
            "unknown ecosystem '%s' in %d records of the advisory set: never matched"
                .formatted(Shown.text(family), records));
      } else if (inventory.components().stream().anyMatch(one -> one.type().equals(type))) {
        warnings.add(
            "advisories of ecosystem %s are not matched: there is no order of its versions here"
                .formatted(family));
      }
    });
  }

  private static void unjudged(
      Inventory inventory, AdvisorySet set, Targets targets, List<String> warnings) {
    SortedMap<String, Integer> missing = new TreeMap<>();
    for (Component component : inventory.components()) {
      List<Target> all = targets.of(component);
      if (all.isEmpty()) {
        missing.merge(whyNoTarget(component, inventory), 1, Integer::sum);
      } else if (all.stream().noneMatch(t -> set.ecosystems().containsKey(t.key().ecosystem()))) {
        String ecosystem = all.getFirst().key().ecosystem();
        missing.merge("the advisory set holds no record for " + ecosystem, 1, Integer::sum);
      }
    }
    missing.forEach((why, count) ->
        warnings.add("%d component%s not judged: %s".formatted(count, count == 1 ? "" : "s", why)));
  }

  private static String whyNoTarget(Component component, Inventory inventory) {
    if (Targets.isDistributionPackage(component)) {
      return inventory
          .distribution()
          .map(found ->
              "no advisories are known for distribution '" + Shown.text(found.prettyName()) + "'")
          .orElse("the distribution of its packages was not recognised");
    }
    return component.type().equals("maven")
        ? "Java archives of unknown origin"
        : "no advisories are known for packages of type '" + Shown.text(component.type()) + "'";
  }
}
