package dev.bulla.advisory;

import dev.bulla.inventory.Component;
import dev.bulla.inventory.Inventory.Distribution;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Under which ecosystem, name and version advisories speak of a component.
 *
 * <p>Packages of a distribution are looked up in the ecosystem of its release, and in the one
 * without release if a feed has such records. Debian, Ubuntu and Alpine name source packages; the
 * RPM distributions differ (OSV schema, "Defined ecosystems").
 */
final class Targets {
  /**
   * @param epochUnknown the version is that of an RPM source package, which does not tell its epoch
   */
  record Target(PackageKey key, String version, boolean epochUnknown) {}

  /** Which names a distribution's advisories use. */
  private enum Naming {
    SOURCE,
    BINARY,
    BOTH
  }

  private record Release(List<String> ecosystems, Naming naming) {}

  private static final Set<String> DISTRIBUTION_TYPES = Set.of("deb", "rpm", "apk");

  /** Distributions without releases. */
  private static final Set<String> ROLLING = Set.of("wolfi", "chainguard", "minimos");

  private final Optional<Release> release;
  private final List<String> maven;

  /**
   * @param known the ecosystems of the set, for distributions whose ecosystem names carry a product
   *     list, and for Maven repositories other than Central: from which one a jar came is not
   *     known, so all are asked
   */
  Targets(Optional<Distribution> distribution, Collection<String> known) {
    this.maven =
        Stream.concat(
                Stream.of("Maven"), known.stream().filter(one -> one.startsWith("Maven:")).sorted())
            .toList();
    this.release = distribution.flatMap(found -> release(found, known));
  }

  static boolean isDistributionPackage(Component component) {
    return DISTRIBUTION_TYPES.contains(component.type());
  }

  List<Target> of(Component component) {
    String name = component.name();
    return switch (component.type()) {
      case "maven" -> name.indexOf(':') > 0 ? language(maven, component) : List.of();
      case "npm" -> language(List.of("npm"), component);
      case "pypi" -> language(List.of("PyPI"), component);
      case "golang" -> language(List.of("Go"), component);
      case "cargo" -> language(List.of("crates.io"), component);
      case "deb", "rpm", "apk" ->
          release.map(found -> packaged(found, component)).orElse(List.of());
      default -> List.of();
    };
  }

  private static List<Target> language(List<String> ecosystems, Component component) {
    return ecosystems.stream()
        .map(one -> new Target(new PackageKey(one, component.name()), component.version(), false))
        .toList();
  }

  private static List<Target> packaged(Release release, Component component) {
    String version = withEpoch(component);
    String source = component.sourceName().orElse(component.name());
    String sourceVersion = component.sourceVersion().orElse(version);
    boolean epochUnknown =
        component.type().equals("rpm")
            && component.sourceVersion().isPresent()
            && sourceVersion.indexOf(':') < 0
            && !sourceVersion.equals(version);
    Set<Target> targets = new LinkedHashSet<>();
    for (String ecosystem : release.ecosystems()) {
      if (release.naming() != Naming.BINARY) {
        targets.add(new Target(new PackageKey(ecosystem, source), sourceVersion, epochUnknown));
      }
      if (release.naming() != Naming.SOURCE
          && !(release.naming() == Naming.BOTH && source.equals(component.name()))) {
        targets.add(new Target(new PackageKey(ecosystem, component.name()), version, false));
      }
    }
    return List.copyOf(targets);
  }

  /** The version with the epoch that an RPM's purl keeps as a qualifier. */
  private static String withEpoch(Component component) {
    String version = component.version();
    if (!component.type().equals("rpm") || version.indexOf(':') >= 0) {
      return version;
    }
    return component
        .purl()
        .flatMap(purl -> PackageUrl.parse(purl).qualifier("epoch"))
        .filter(epoch -> !epoch.isEmpty())
        .map(epoch -> epoch + ":" + version)
        .orElse(version);
  }

  private static Optional<Release> release(Distribution distribution, Collection<String> known) {
    String version = distribution.versionId();
    String major = version.split("[.]", 2)[0];
    if (version.isBlank() && !ROLLING.contains(distribution.id())) {
      return Optional.empty();
    }
    return switch (distribution.id().toLowerCase(Locale.ROOT)) {
      case "debian" -> some(Naming.SOURCE, "Debian:" + major, "Debian");
      case "ubuntu" ->
          some(Naming.SOURCE, "Ubuntu:" + version + ":LTS", "Ubuntu:" + version, "Ubuntu");
      case "alpine" -> some(Naming.SOURCE, "Alpine:v" + firstTwo(version), "Alpine");
      case "wolfi" -> some(Naming.BOTH, "Wolfi");
      case "chainguard" -> some(Naming.BOTH, "Chainguard");
      case "minimos" -> some(Naming.BOTH, "MinimOS");
      case "almalinux" -> some(Naming.BINARY, "AlmaLinux:" + major, "AlmaLinux");
      case "rocky" -> some(Naming.BOTH, "Rocky Linux:" + major, "Rocky Linux");
      case "rhel" -> startingWith(Naming.BINARY, "Red Hat:enterprise_linux:" + major + ":", known);
      case "opensuse-leap" -> some(Naming.BINARY, "openSUSE:Leap " + version, "openSUSE");
      case "sles" ->
          some(
              Naming.BINARY, "SUSE:Linux Enterprise Server " + version.replace(".", " SP"), "SUSE");
      case "photon" -> some(Naming.BINARY, "Photon OS:" + version, "Photon OS");
      case "azurelinux" -> some(Naming.BOTH, "Azure Linux:" + major, "Azure Linux");
      case "openeuler" -> startingWith(Naming.BOTH, "openEuler:" + version, known);
      case "mageia" -> some(Naming.BOTH, "Mageia:" + major, "Mageia");
      default -> Optional.empty();
    };
  }

  private static Optional<Release> some(Naming naming, String... ecosystems) {
    return Optional.of(new Release(List.of(ecosystems), naming));
  }

  private static Optional<Release> startingWith(
      Naming naming, String prefix, Collection<String> known) {
    List<String> found =
        new ArrayList<>(known.stream().filter(one -> one.startsWith(prefix)).sorted().toList());
    if (found.isEmpty()) {
      found.add(prefix);
    }
    return Optional.of(new Release(found, naming));
  }

  private static String firstTwo(String version) {
    String[] parts = version.split("[.]");
    return parts.length < 2 ? version : parts[0] + "." + parts[1];
  }
}
