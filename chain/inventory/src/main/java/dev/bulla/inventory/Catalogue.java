package dev.bulla.inventory;

import dev.bulla.core.Digest;
import dev.bulla.inventory.Finding.Found;
import dev.bulla.inventory.Inventory.Distribution;
import dev.bulla.inventory.archive.PathHash;
import dev.bulla.inventory.format.SystemPackage;
import dev.bulla.inventory.licence.Licences;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Puts the visible findings of an image or a directory together into components. Not thread-safe;
 * used once.
 */
final class Catalogue {
  private static final String MODULES = "node_modules/";

  private final List<Sighting> sightings;
  private final List<Digest> layers;
  private final boolean absolute;
  private final Ownership ownership;
  private final ComponentSet components = new ComponentSet();
  private final Map<String, String> debPurls = new HashMap<>();
  private final Map<String, List<String>> copyrights = new HashMap<>();
  private Optional<Distribution> distribution = Optional.empty();

  /**
   * A catalogue.
   *
   * @param sightings what can be seen, in a stable order
   * @param layers blob digests, lowest first; empty for a directory
   * @param absolute whether paths are those of an image
   */
  Catalogue(List<Sighting> sightings, List<Digest> layers, boolean absolute, PathHash hash) {
    this.sightings = sightings;
    this.layers = layers;
    this.absolute = absolute;
    this.ownership = new Ownership(hash);
  }

  Optional<Distribution> distribution() {
    return distribution;
  }

  /**
   * All components, sorted.
   *
   * @param firstLayers for each type and name@version of a distribution package the layer that
   *     first held it
   */
  List<Component> components(Map<String, Integer> firstLayers) {
    findDistribution();
    for (Sighting sighting : sightings) {
      if (sighting.finding() instanceof Finding.Copyright(String owner, List<String> licences)) {
        copyrights.put(owner, licences);
      }
    }
    for (Sighting sighting : sightings) {
      if (sighting.finding()
          instanceof Finding.SystemPackages(String kind, List<SystemPackage> packages)) {
        packages.forEach(one -> addSystem(kind, one, sighting, firstLayers));
      }
    }
    claimDebianFiles();
    Set<String> trees = npmTrees();
    for (Sighting sighting : sightings) {
      switch (sighting.finding()) {
        case Finding.Packages(List<Found> found, long md5) ->
            found.forEach(one -> addLanguage(one, sighting, md5));
        case Finding.NpmRoot(Found found) -> {
          if (trees.contains(folder(sighting.path()))) {
            addLanguage(found, sighting, 0);
          }
        }
        case Finding.Os os -> {}
        case Finding.SystemPackages packages -> {}
        case Finding.Files files -> {}
        case Finding.Copyright copyright -> {}
        case Finding.Marker marker -> {}
      }
    }
    return components.sorted();
  }

  private void findDistribution() {
    for (Sighting sighting : sightings) {
      if (sighting.finding() instanceof Finding.Os(Map<String, String> values)
          && (distribution.isEmpty() || sighting.path().equals("etc/os-release"))) {
        String id = values.getOrDefault("ID", "").toLowerCase(Locale.ROOT);
        if (id.isEmpty()) {
          continue;
        }
        distribution =
            Optional.of(
                new Distribution(
                    id,
                    values.getOrDefault("VERSION_ID", ""),
                    Optional.ofNullable(values.get("VERSION_CODENAME"))
                        .filter(name -> !name.isEmpty()),
                    values.getOrDefault("PRETTY_NAME", values.getOrDefault("NAME", id))));
      }
    }
  }

  private void addSystem(
      String kind, SystemPackage one, Sighting sighting, Map<String, Integer> firstLayers) {
    Map<String, String> qualifiers = new TreeMap<>();
    qualifiers.put("arch", one.architecture());
    distribution.ifPresent(os ->
        qualifiers.put(
            "distro", os.versionId().isEmpty() ? os.id() : os.id() + "-" + os.versionId()));
    Map<String, String> properties = new TreeMap<>(one.properties());
    if (!one.architecture().isEmpty()) {
      properties.put("arch", one.architecture());
    }
    boolean sameSource =
        one.source().equals(one.name()) && one.sourceVersion().equals(one.version());
    String version = one.version();
    if (kind.equals("rpm")) {
      qualifiers.put("upstream", properties.getOrDefault("sourceRpm", ""));
      qualifiers.put("epoch", properties.getOrDefault("epoch", ""));
      qualifiers.put("rpmmod", properties.getOrDefault("modularity", ""));
      version = version.substring(version.indexOf(':') + 1);
    } else if (!sameSource) {
      qualifiers.put(
          "upstream",
          one.source()
              + (one.sourceVersion().equals(one.version()) ? "" : "@" + one.sourceVersion()));
    }
    String vendor = distribution.map(Distribution::id).orElse(kind.equals("deb") ? "debian" : kind);
    String purlName = kind.equals("rpm") ? one.name() : one.name().toLowerCase(Locale.ROOT);
    String purl = Purls.of(kind, purlNamespace(kind, vendor), purlName, version, qualifiers);
    Integer first = firstLayers.get(kind + "/" + one.name() + "@" + one.version());
    if (first != null && first < layers.size()) {
      properties.put("firstLayer", layers.get(first).toString());
    }
    components.add(
        new Component(
            kind,
            one.name(),
            one.version(),
            Optional.of(purl),
            licences(kind, one),
            Optional.of(one.source()),
            one.sourceVersion().equals(one.version())
                ? Optional.empty()
                : Optional.of(one.sourceVersion()),
            Optional.empty(),
            List.of(location(sighting, List.of())),
            Map.of(),
            properties));
    if (kind.equals("deb")) {
      debPurls.put(one.name() + ":" + one.architecture(), purl);
      debPurls.putIfAbsent(one.name(), purl);
    } else {
      ownership.claim(purl, sighting.layer(), one.files());
    }
  }

  private static String purlNamespace(String kind, String vendor) {
    if (!kind.equals("rpm")) {
      return vendor;
    }
    return vendor.equals("rhel") ? "redhat" : vendor.startsWith("opensuse") ? "opensuse" : vendor;
  }

  private List<String> licences(String kind, SystemPackage one) {
    if (kind.equals("deb")) {
      return copyrights.getOrDefault(one.name(), List.of());
    }
    return one.licence().isEmpty() ? List.of() : Licences.normalise(List.of(one.licence()));
  }

  private void claimDebianFiles() {
    for (Sighting sighting : sightings) {
      if (sighting.finding() instanceof Finding.Files(String owner, long[] paths, long[] sums)) {
        String purl = debPurls.get(owner);
        if (purl != null) {
          ownership.claim(purl, sighting.layer(), paths);
          ownership.record(paths, sums);
        }
      }
    }
  }

  /**
   * Directories that hold an npm tree or a lock file, so that a package.json there is the root of
   * something installed.
   */
  private Set<String> npmTrees() {
    Set<String> trees = new HashSet<>();
    for (Sighting sighting : sightings) {
      if (sighting.finding() instanceof Finding.Marker) {
        trees.add(folder(sighting.path()));
      }
      int modules = sighting.path().indexOf(MODULES);
      if (sighting.finding() instanceof Finding.Packages
          && (modules == 0 || modules > 0 && sighting.path().charAt(modules - 1) == '/')) {
        trees.add(modules == 0 ? "" : sighting.path().substring(0, modules - 1));
      }
    }
    return trees;
  }

  private void addLanguage(Found one, Sighting sighting, long md5) {
    boolean maven = one.type().equals("maven");
    String name = maven && !one.group().isEmpty() ? one.group() + ":" + one.name() : one.name();
    Map<String, String> qualifiers = new TreeMap<>();
    if (maven) {
      qualifiers.put("type", one.properties().getOrDefault("packaging", ""));
    }
    Optional<String> purl =
        one.named()
            ? Optional.of(
                Purls.language(one.type(), one.group(), one.name(), one.version(), qualifiers))
            : Optional.empty();
    components.add(
        new Component(
            one.type(),
            name,
            one.version(),
            purl,
            one.licences(),
            Optional.empty(),
            Optional.empty(),
            ownership.ownerOf(sighting.path(), sighting.layer(), md5),
            List.of(location(sighting, one.nested())),
            one.hashes(),
            one.properties()));
  }

  private Location location(Sighting sighting, List<String> nested) {
    return new Location(
        sighting.layer() < layers.size()
            ? Optional.of(layers.get(sighting.layer()))
            : Optional.empty(),
        absolute ? "/" + sighting.path() : sighting.path(),
        nested);
  }

  private static String folder(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
  }

  /** Components by identity, the places of equal ones gathered. */
  private static final class ComponentSet {
    private final Map<Object, Component> byIdentity = new java.util.LinkedHashMap<>();

    void add(Component one) {
      Object identity =
          List.of(
              one.type(),
              one.name(),
              one.version(),
              one.purl(),
              one.ownedBy(),
              one.hashes(),
              one.properties());
      byIdentity.merge(identity, one, ComponentSet::together);
    }

    private static Component together(Component a, Component b) {
      Set<Location> places = new java.util.TreeSet<>(Order.LOCATIONS);
      places.addAll(a.locations());
      places.addAll(b.locations());
      Set<String> licences = new java.util.LinkedHashSet<>(a.licences());
      licences.addAll(b.licences());
      return new Component(
          a.type(),
          a.name(),
          a.version(),
          a.purl(),
          List.copyOf(licences),
          a.sourceName(),
          a.sourceVersion(),
          a.ownedBy(),
          new ArrayList<>(places),
          a.hashes(),
          a.properties());
    }

    List<Component> sorted() {
      List<Component> all = new ArrayList<>(byIdentity.values());
      all.sort(Order.COMPONENTS);
      return all;
    }
  }
}
