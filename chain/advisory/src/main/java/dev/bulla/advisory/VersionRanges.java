package dev.bulla.advisory;

import dev.bulla.advisory.Advisory.Affected;
import dev.bulla.advisory.Advisory.Event;
import dev.bulla.advisory.Advisory.Range;
import dev.bulla.advisory.version.VersionOrder;
import dev.bulla.core.Shown;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whether a version lies in what an advisory says about a package (OSV schema, "Evaluation").
 *
 * <p>The turning points of a range are put in the ecosystem's order and walked: at {@code
 * introduced} the package becomes affected, at {@code fixed} and after {@code last_affected} it no
 * longer is; at one version {@code fixed} takes effect before {@code introduced}. {@code
 * introduced: "0"} comes before everything. Of {@code limit} events one must lie above the version.
 * Both range types are compared in the order of the ecosystem, as publishers mix them up. If a
 * version cannot be read, the answer is "undecided" unless another range or the list of versions
 * says "affected".
 */
final class VersionRanges {
  /** What an advisory says about one version. */
  sealed interface Outcome {
    /**
     * @param fixed the first repaired version of each range, oldest first
     */
    record IsAffected(List<String> fixed) implements Outcome {}

    record NotAffected() implements Outcome {}

    record CannotTell(String reason) implements Outcome {}
  }

  private static final Set<String> TYPES = Set.of("SEMVER", "ECOSYSTEM");
  private static final String BEGINNING = "0";
  private static final String NO_LIMIT = "*";

  private final VersionOrder order;
  private final boolean epochUnknown;

  /**
   * @param epochUnknown whether versions are given without the epoch that bounds may have (RPM
   *     source packages)
   */
  VersionRanges(VersionOrder order, boolean epochUnknown) {
    this.order = order;
    this.epochUnknown = epochUnknown;
  }

  Outcome evaluate(Affected affected, String version) {
    boolean affects = affected.versions().stream().anyMatch(listed -> same(listed, version));
    TreeSet<String> fixed = new TreeSet<>(order);
    Optional<String> unclear = Optional.empty();
    boolean anyRange = !affected.versions().isEmpty();
    for (Range range : affected.ranges()) {
      if (range.type().equals("GIT")) {
        continue;
      }
      anyRange = true;
      Optional<String> unreadable = unknownType(range).or(() -> unreadable(range, version));
      if (unreadable.isPresent()) {
        unclear = unclear.or(() -> unreadable);
      } else if (contains(range, version)) {
        affects = true;
        nextFix(range, version).ifPresent(fixed::add);
      }
    }
    if (affects) {
      return new Outcome.IsAffected(List.copyOf(fixed));
    }
    if (!anyRange) {
      return new Outcome.CannotTell(
          affected.ranges().isEmpty()
              ? "the advisory names no versions"
              : "the advisory names commits only");
    }
    return unclear.<Outcome>map(Outcome.CannotTell::new).orElseGet(Outcome.NotAffected::new);
  }

  private boolean same(String listed, String version) {
    return listed.equals(version)
        || (order.accepts(listed) && order.accepts(version) && order.compare(listed, version) == 0);
  }

  private static Optional<String> unknownType(Range range) {
    return TYPES.contains(range.type())
        ? Optional.empty()
        : Optional.of(
            "the advisory has a range of unknown type '" + Shown.text(range.type()) + "'");
  }

  private Optional<String> unreadable(Range range, String version) {
    if (coversEverything(range)) {
      return Optional.empty();
    }
    if (!order.accepts(version)) {
      return Optional.of(
          version.isEmpty()
              ? "the component has no version"
              : "version '%s' is not a %s version"
                  .formatted(Shown.text(version), order.adjective()));
    }
    return range.events().stream()
        .filter(event -> !isBeginning(event) && !event.version().equals(NO_LIMIT))
        .map(Event::version)
        .filter(bound -> !order.accepts(bound))
        .findFirst()
        .map(bound ->
            "the advisory's '%s' is not a %s version"
                .formatted(Shown.text(bound), order.adjective()));
  }

  private static boolean coversEverything(Range range) {
    return range.events().stream().anyMatch(VersionRanges::isBeginning)
        && range.events().stream().allMatch(event -> event.kind() == Event.Kind.INTRODUCED);
  }

  private static boolean isBeginning(Event event) {
    return event.kind() == Event.Kind.INTRODUCED && event.version().equals(BEGINNING);
  }

  private boolean contains(Range range, String version) {
    if (coversEverything(range)) {
      return true;
    }
    List<Event> limits = range.events().stream().filter(e -> e.kind() == Event.Kind.LIMIT).toList();
    if (!limits.isEmpty()
        && limits.stream()
            .noneMatch(l -> l.version().equals(NO_LIMIT) || against(l, version) < 0)) {
      return false;
    }
    boolean affected = false;
    for (Event event : sorted(range)) {
      switch (event.kind()) {
        case INTRODUCED -> affected |= isBeginning(event) || against(event, version) >= 0;
        case FIXED -> affected &= against(event, version) < 0;
        case LAST_AFFECTED -> affected &= against(event, version) <= 0;
        case LIMIT -> {}
      }
    }
    return affected;
  }

  private List<Event> sorted(Range range) {
    Comparator<Event> fromTheBeginning = Comparator.comparing(event -> !isBeginning(event));
    return range.events().stream()
        .sorted(
            fromTheBeginning
                .thenComparing(event -> bound(event.version()), order)
                .thenComparing(Event::kind))
        .toList();
  }

  private Optional<String> nextFix(Range range, String version) {
    return range.events().stream()
        .filter(event -> event.kind() == Event.Kind.FIXED && against(event, version) < 0)
        .map(Event::version)
        .min(order);
  }

  /** How {@code version} compares with the version of {@code event}. */
  private int against(Event event, String version) {
    String bound = bound(event.version());
    return order.compare(order.atPrecisionOf(bound, version), bound);
  }

  private String bound(String version) {
    return epochUnknown ? version.substring(version.indexOf(':') + 1) : version;
  }
}
