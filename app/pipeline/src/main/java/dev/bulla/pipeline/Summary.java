package dev.bulla.pipeline;

import dev.bulla.advisory.ScanReport;
import dev.bulla.build.BuildResult;
import dev.bulla.build.ResolvedTemplate;
import dev.bulla.core.verdict.Verdict;
import dev.bulla.inventory.Inventory;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What came out of a stage, in a line for people. */
final class Summary {
  private Summary() {}

  static String of(ResolvedTemplate resolved) {
    long bytes = resolved.inputs().stream().mapToLong(input -> input.size()).sum();
    return Sizes.count(resolved.inputs().size(), "input") + ", " + Sizes.text(bytes);
  }

  static String of(Verdict verdict) {
    return verdict.allowed()
        ? "passed, " + Sizes.count(verdict.results().size(), "rule")
        : "REFUSED by "
            + verdict.blocking().stream().map(rule -> rule.id()).collect(Collectors.joining(", "));
  }

  static String of(BuildResult built) {
    long bytes = built.layers().stream().mapToLong(layer -> layer.size()).sum();
    String layers = Sizes.count(built.layers().size(), "layer");
    return "%s, %s, %s".formatted(built.image().digest(), layers, Sizes.text(bytes));
  }

  static String of(Inventory inventory) {
    String kinds =
        inventory.components().stream()
            .collect(Collectors.groupingBy(c -> c.type(), TreeMap::new, Collectors.counting()))
            .entrySet()
            .stream()
            .map(entry -> entry.getValue() + " " + entry.getKey())
            .collect(Collectors.joining(", "));
    int warnings = inventory.warnings().size();
    return Sizes.count(inventory.components().size(), "component")
        + inBrackets(kinds)
        + (warnings == 0 ? "" : ", " + Sizes.count(warnings, "warning"));
  }

  static String of(ScanReport report) {
    String counts =
        report.counts().entrySet().stream()
            .filter(entry -> entry.getValue() > 0)
            .map(entry -> entry.getValue() + " " + entry.getKey().id())
            .collect(Collectors.joining(", "));
    return Sizes.count(report.findings().size(), "finding")
        + inBrackets(counts)
        + " by "
        + report.set().description();
  }

  private static String inBrackets(String text) {
    return text.isEmpty() ? "" : " (" + text + ")";
  }
}
