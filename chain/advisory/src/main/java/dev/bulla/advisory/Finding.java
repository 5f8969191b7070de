package dev.bulla.advisory;

import dev.bulla.inventory.Component;
import dev.bulla.inventory.Location;
import java.util.List;
import java.util.Optional;

/**
 * One vulnerability on one component.
 *
 * @param id the CVE if one is known, else the GHSA, else the advisory's own id
 * @param malicious the component is malware; then {@code level} is critical
 * @param ratings CVSS, newest method first
 * @param advisories ids of the matched records, at least one
 * @param aliases all ids of the vulnerability, {@code id} included
 * @param matched what was compared with the advisory; a source package for Debian
 * @param fixedVersions first repaired version of each range the version lies in, oldest first;
 *     empty if none is named
 * @param locations all places of the component
 */
public record Finding(
    String id,
    Level level,
    boolean malicious,
    List<Rating> ratings,
    String summary,
    List<String> advisories,
    List<String> aliases,
    ComponentName component,
    MatchedPackage matched,
    List<String> fixedVersions,
    List<Location> locations) {

  /** A component without its evidence. */
  public record ComponentName(String type, String name, String version, Optional<String> purl) {
    static ComponentName of(Component component) {
      return new ComponentName(
          component.type(), component.name(), component.version(), component.purl());
    }

    /** The purl, or {@code name@version} of a component without one. */
    @Override
    public String toString() {
      return purl.orElse(version.isEmpty() ? name : name + "@" + version);
    }
  }

  /** The package and version that were compared with an advisory. */
  public record MatchedPackage(String ecosystem, String name, String version) {}

  public Finding {
    ratings = List.copyOf(ratings);
    advisories = List.copyOf(advisories);
    aliases = List.copyOf(aliases);
    fixedVersions = List.copyOf(fixedVersions);
    locations = List.copyOf(locations);
  }
}
