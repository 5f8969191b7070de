package dev.bulla.advisory;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The name of a package in an OSV ecosystem.
 *
 * @param ecosystem with its suffix: {@code Maven}, {@code Debian:12}
 * @param name as the ecosystem's advisories write it
 */
public record PackageKey(String ecosystem, String name) implements Comparable<PackageKey> {
  private static final Pattern PYTHON_SEPARATORS = Pattern.compile("[-_.]+");

  /** The ecosystem without its suffix. */
  public String family() {
    int colon = ecosystem.indexOf(':');
    return colon < 0 ? ecosystem : ecosystem.substring(0, colon);
  }

  /**
   * The same key in the spelling by which packages are found: Python names after PEP 503, Go paths
   * in lower case.
   */
  PackageKey normal() {
    return switch (family()) {
      case "PyPI" ->
          new PackageKey(
              ecosystem, PYTHON_SEPARATORS.matcher(name).replaceAll("-").toLowerCase(Locale.ROOT));
      case "Go" -> new PackageKey(ecosystem, name.toLowerCase(Locale.ROOT));
      default -> this;
    };
  }

  @Override
  public int compareTo(PackageKey other) {
    int byEcosystem = ecosystem.compareTo(other.ecosystem);
    return byEcosystem != 0 ? byEcosystem : name.compareTo(other.name);
  }

  @Override
  public String toString() {
    return ecosystem + "/" + name;
  }
}
