package dev.bulla.advisory;

import dev.bulla.advisory.VersionConstraint.Comparison;
import dev.bulla.advisory.version.VersionOrder;
import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.inventory.Component;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A question for packages: a package URL whose version may be a range.
 *
 * <ul>
 *   <li>{@code pkg:maven/g/a} — every version
 *   <li>{@code pkg:maven/g/a@2.14.1} — versions that are equal to it in the ecosystem's order
 *   <li>{@code pkg:maven/g/a@>=2.0,<2.15} — versions that satisfy all comparisons
 *   <li>{@code pkg:maven/g/a@vers:maven/>=2.0|<2.15} — a range of the vers specification; also as
 *       qualifier {@code vers}
 *   <li>{@code vers:maven/>=2.0|<2.15} — any package of that type whose version lies in the range
 * </ul>
 *
 * <p>A namespace of a distribution package and all other qualifiers are not compared. Immutable and
 * thread-safe.
 */
public final class PackageQuery {
  private static final int MAX_LENGTH = 4096;
  private static final int MAX_CONSTRAINTS = 100;

  private final String text;
  private final String type;
  private final Optional<PackageKey> name;
  private final VersionOrder order;
  private final List<VersionConstraint> constraints;
  private final boolean union;

  private PackageQuery(
      String text,
      String type,
      Optional<PackageKey> name,
      VersionOrder order,
      List<VersionConstraint> constraints,
      boolean union) {
    this.text = text;
    this.type = type;
    this.name = name;
    this.order = order;
    this.constraints = constraints;
    this.union = union;
  }

  /**
   * @throws BullaException {@code PURL_INVALID} if it is no such question, {@code VERSION_INVALID}
   *     if a version is not one of the package type
   */
  public static PackageQuery parse(String text) {
    if (text.length() > MAX_LENGTH) {
      throw invalid(text, "it has more than " + MAX_LENGTH + " characters");
    }
    String trimmed = text.strip();
    if (trimmed.startsWith("vers:")) {
      return vers(trimmed, trimmed, Optional.empty());
    }
    PackageUrl purl = PackageUrl.parse(trimmed);
    VersionOrder order = order(purl.type(), trimmed);
    Optional<PackageKey> name = Optional.of(key(purl.type(), purl.advisoryName()));
    Optional<String> vers =
        purl.version().startsWith("vers:") ? Optional.of(purl.version()) : purl.qualifier("vers");
    if (vers.isPresent()) {
      return vers(trimmed, vers.get(), Optional.of(purl));
    }
    String version = withEpoch(purl);
    List<VersionConstraint> constraints =
        version.isEmpty() || version.equals("*")
            ? List.of()
            : constraints(version, ",", order, trimmed);
    return new PackageQuery(trimmed, purl.type(), name, order, constraints, false);
  }

  private static PackageQuery vers(String text, String vers, Optional<PackageUrl> purl) {
    int slash = vers.indexOf('/');
    if (slash < 0) {
      throw invalid(text, "expected vers:TYPE/RANGE");
    }
    String type = vers.substring("vers:".length(), slash);
    String packageType = purl.map(PackageUrl::type).orElse(type);
    if (!type.equals(packageType)) {
      throw invalid(
          text,
          "the range is for '%s', the package is of type '%s'"
              .formatted(Shown.text(type), packageType));
    }
    VersionOrder order = order(type, text);
    String range = vers.substring(slash + 1);
    List<VersionConstraint> constraints =
        range.equals("*") ? List.of() : constraints(range, "\\|", order, text);
    return new PackageQuery(
        text, type, purl.map(found -> key(type, found.advisoryName())), order, constraints, true);
  }

  private static List<VersionConstraint> constraints(
      String range, String separator, VersionOrder order, String text) {
    List<VersionConstraint> all =
        List.of(range.split(separator, -1)).stream().map(VersionConstraint::parse).toList();
    if (all.size() > MAX_CONSTRAINTS) {
      throw invalid(text, "it has more than " + MAX_CONSTRAINTS + " comparisons");
    }
    for (VersionConstraint constraint : all) {
      if (!order.accepts(constraint.version())) {
        throw new BullaException(
            ErrorCode.VERSION_INVALID,
            "'%s': '%s' is not a %s version"
                .formatted(Shown.text(text), Shown.text(constraint.version()), order.adjective()),
            "Write for example pkg:maven/GROUP/ARTIFACT@>=2.0,<2.15 (in quotes, for the shell).");
      }
    }
    return all;
  }

  /** Lower-case purl type. */
  public String type() {
    return type;
  }

  /**
   * The name as advisories and inventories write it, in the spelling that is compared; empty for
   * any package.
   */
  public Optional<String> name() {
    return name.map(PackageKey::name);
  }

  /** Whether every version is asked for. */
  public boolean anyVersion() {
    return constraints.isEmpty();
  }

  public boolean matches(Component component) {
    return matches(component.type(), component.name(), component.version());
  }

  /**
   * Whether the package is asked for. A version that cannot be read is matched only by questions
   * for every version.
   *
   * @param packageType purl type
   * @param packageName as in {@link Component#name}
   */
  public boolean matches(String packageType, String packageName, String version) {
    return type.equals(packageType)
        && (name.isEmpty() || name.get().equals(key(packageType, packageName)))
        && contains(version);
  }

  private boolean contains(String version) {
    if (constraints.isEmpty()) {
      return true;
    }
    if (!order.accepts(version)) {
      return constraints.stream()
          .anyMatch(c -> c.comparison() == Comparison.EQUAL && c.version().equals(version));
    }
    return union
        ? inUnion(version)
        : constraints.stream().allMatch(constraint -> constraint.allows(version, order));
  }

  /**
   * The containment rule of the vers specification: single versions first, then pairs of bounds in
   * order.
   */
  private boolean inUnion(String version) {
    List<VersionConstraint> bounds =
        constraints.stream()
            .filter(c -> c.isLowerBound() || c.isUpperBound())
            .sorted(Comparator.comparing(VersionConstraint::version, order))
            .toList();
    for (VersionConstraint constraint : constraints) {
      if (order.compare(version, constraint.version()) == 0) {
        switch (constraint.comparison()) {
          case EQUAL, AT_MOST, AT_LEAST -> {
            return true;
          }
          case NOT_EQUAL -> {
            return false;
          }
          case LESS, MORE -> {}
        }
      }
    }
    if (bounds.isEmpty()) {
      return constraints.stream().allMatch(c -> c.comparison() == Comparison.NOT_EQUAL);
    }
    if (bounds.getFirst().isUpperBound() && bounds.getFirst().allows(version, order)) {
      return true;
    }
    if (bounds.getLast().isLowerBound() && bounds.getLast().allows(version, order)) {
      return true;
    }
    for (int i = 0; i + 1 < bounds.size(); i++) {
      VersionConstraint lower = bounds.get(i);
      VersionConstraint upper = bounds.get(i + 1);
      if (lower.isLowerBound()
          && upper.isUpperBound()
          && lower.allows(version, order)
          && upper.allows(version, order)) {
        return true;
      }
    }
    return false;
  }

  private static PackageKey key(String type, String name) {
    return switch (type) {
      case "pypi" -> new PackageKey("PyPI", name).normal();
      case "golang" -> new PackageKey("Go", name).normal();
      default -> new PackageKey(type, name);
    };
  }

  private static String withEpoch(PackageUrl purl) {
    String epoch = purl.type().equals("rpm") ? purl.qualifier("epoch").orElse("") : "";
    return epoch.isEmpty() || purl.version().isEmpty() || purl.version().indexOf(':') >= 0
        ? purl.version()
        : epoch + ":" + purl.version();
  }

  private static VersionOrder order(String type, String text) {
    return VersionOrder.ofPurlType(type)
        .orElseThrow(() ->
            invalid(text, "packages of type '%s' cannot be compared".formatted(Shown.text(type))));
  }

  private static BullaException invalid(String text, String why) {
    return new BullaException(
        ErrorCode.PURL_INVALID,
        "'" + Shown.text(text) + "' is not a question for packages: " + why,
        "Write for example pkg:maven/GROUP/ARTIFACT@2.14.1 or pkg:npm/NAME@>=2.0,<2.15.");
  }

  @Override
  public String toString() {
    return text;
  }
}
