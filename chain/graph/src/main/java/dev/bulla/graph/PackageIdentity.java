package dev.bulla.graph;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.inventory.Component;
import dev.bulla.inventory.Inventory.Distribution;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What makes a package version one node: its name, version and purl, and for packages of a
 * distribution that distribution and the source package, because advisories speak of those. Empty
 * strings mean "not stated".
 */
record PackageIdentity(
    String type,
    String name,
    String version,
    String purl,
    String os,
    String osVersion,
    String osCodename,
    String sourceName,
    String sourceVersion)
    implements Comparable<PackageIdentity> {

  /** Characters of one name, version, path or licence that are kept; more is refused. */
  static final int MAX_TEXT = 64 * 1024;

  private static final Set<String> OF_DISTRIBUTIONS = Set.of("deb", "apk", "rpm");
  private static final Comparator<PackageIdentity> ORDER =
      Comparator.comparing(PackageIdentity::type)
          .thenComparing(PackageIdentity::name)
          .thenComparing(PackageIdentity::version)
          .thenComparing(PackageIdentity::purl)
          .thenComparing(PackageIdentity::os)
          .thenComparing(PackageIdentity::osVersion)
          .thenComparing(PackageIdentity::osCodename)
          .thenComparing(PackageIdentity::sourceName)
          .thenComparing(PackageIdentity::sourceVersion);

  static PackageIdentity of(Component component, Optional<Distribution> distribution) {
    boolean distributed = OF_DISTRIBUTIONS.contains(component.type());
    Optional<Distribution> scope = distributed ? distribution : Optional.empty();
    return new PackageIdentity(
        text(component.type()),
        text(component.name()),
        text(component.version()),
        text(component.purl().map(given -> CanonicalPurl.of(given).orElse("")).orElse("")),
        text(scope.map(Distribution::id).orElse("")),
        text(scope.map(Distribution::versionId).orElse("")),
        text(scope.flatMap(Distribution::codename).orElse("")),
        text(component.sourceName().orElse("")),
        text(component.sourceVersion().orElse("")));
  }

  /** A package that is known by name alone. */
  static PackageIdentity named(String type, String name, String version, String purl) {
    return new PackageIdentity(text(type), text(name), text(version), purl, "", "", "", "", "");
  }

  List<String> parts() {
    return List.of(type, name, version, purl, os, osVersion, osCodename, sourceName, sourceVersion);
  }

  @Override
  public int compareTo(PackageIdentity other) {
    return ORDER.compare(this, other);
  }

  /** {@code text} if it is of a length that is kept. */
  static String text(String text) {
    if (text.length() > MAX_TEXT) {
      throw new BullaException(
          ErrorCode.INPUT_TOO_LARGE,
          "recording a release: the text '%s' has %d characters, at most %d are kept"
              .formatted(Shown.text(text), text.length(), MAX_TEXT));
    }
    return text;
  }
}
