package dev.bulla.advisory.version;

import java.util.Comparator;
import java.util.Optional;

/**
 * The order of versions in an ecosystem, exact to its own rules.
 *
 * <p>{@link #compare} is a total preorder over all texts, so that it can sort anything: versions
 * that the ecosystem's grammar does not know come before all others, by code units. Whoever decides
 * something asks {@link #accepts} first; an unreadable version is "could not decide", never
 * "older". Different spellings of one version compare as equal ({@code 1.0} and {@code 1} in
 * Maven), so the order is not consistent with {@code equals}. Thread-safe.
 */
public enum VersionOrder implements Comparator<String> {
  MAVEN("Maven", MavenVersion::accepts, MavenVersion::compare),
  SEMVER("semantic", SemanticVersion::accepts, SemanticVersion::compare),
  GO("Go", GoVersion::accepts, GoVersion::compare),
  PYPI("Python", PythonVersion::accepts, PythonVersion::compare),
  DEBIAN("Debian", DebianVersion::accepts, DebianVersion::compare),
  RPM("RPM", RpmVersion::accepts, RpmVersion::compare),
  ALPINE("Alpine", AlpineVersion::accepts, AlpineVersion::compare);

  /** Longer texts are not versions. */
  private static final int MAX_LENGTH = 512;

  private interface Grammar {
    boolean accepts(String text);
  }

  private final String adjective;
  private final Grammar grammar;
  private final Comparator<String> order;

  VersionOrder(String adjective, Grammar grammar, Comparator<String> order) {
    this.adjective = adjective;
    this.grammar = grammar;
    this.order = order;
  }

  /**
   * The order of an OSV ecosystem; a suffix such as {@code :12} does not matter. Empty for
   * ecosystems without a rule here.
   */
  public static Optional<VersionOrder> of(String ecosystem) {
    int colon = ecosystem.indexOf(':');
    return switch (colon < 0 ? ecosystem : ecosystem.substring(0, colon)) {
      case "Maven" -> Optional.of(MAVEN);
      case "npm", "crates.io" -> Optional.of(SEMVER);
      case "Go" -> Optional.of(GO);
      case "PyPI" -> Optional.of(PYPI);
      case "Debian", "Ubuntu" -> Optional.of(DEBIAN);
      case "Alpine", "Wolfi", "Chainguard", "MinimOS" -> Optional.of(ALPINE);
      case "AlmaLinux",
          "Rocky Linux",
          "Red Hat",
          "openSUSE",
          "SUSE",
          "Photon OS",
          "Azure Linux",
          "openEuler",
          "Mageia" ->
          Optional.of(RPM);
      default -> Optional.empty();
    };
  }

  /** The order of a purl type; empty for types without a rule here. */
  public static Optional<VersionOrder> ofPurlType(String type) {
    return switch (type) {
      case "maven" -> Optional.of(MAVEN);
      case "npm", "cargo" -> Optional.of(SEMVER);
      case "golang" -> Optional.of(GO);
      case "pypi" -> Optional.of(PYPI);
      case "deb" -> Optional.of(DEBIAN);
      case "rpm" -> Optional.of(RPM);
      case "apk" -> Optional.of(ALPINE);
      default -> Optional.empty();
    };
  }

  /** Whether {@code version} is written by the ecosystem's rules. */
  public boolean accepts(String version) {
    return !version.isBlank() && version.length() <= MAX_LENGTH && grammar.accepts(version);
  }

  @Override
  public int compare(String a, String b) {
    boolean knownA = accepts(a);
    boolean knownB = accepts(b);
    if (knownA && knownB) {
      return order.compare(a, b);
    }
    return knownA == knownB ? a.compareTo(b) : Boolean.compare(knownA, knownB);
  }

  /**
   * {@code version} at the precision at which {@code bound} may be compared with it. Only rpm knows
   * such a thing: a bound without release is compared with the version alone.
   */
  public String atPrecisionOf(String bound, String version) {
    return this == RPM ? RpmVersion.atPrecisionOf(bound, version) : version;
  }

  /** The word for versions of this kind in messages: {@code Maven}, {@code semantic}. */
  public String adjective() {
    return adjective;
  }
}
