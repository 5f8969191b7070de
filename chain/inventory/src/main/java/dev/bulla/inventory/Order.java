package dev.bulla.inventory;

import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/** The one order of components and places, so that equal inventories are equal bytes. */
final class Order {
  /** By layer digest, path and nested path, as text. */
  static final Comparator<Location> LOCATIONS =
      Comparator.comparing(Location::path)
          .thenComparing(location -> String.join("!", location.nested()))
          .thenComparing(location -> location.layer().map(Object::toString).orElse(""));

  /**
   * By purl, then name, version and first place; what remains equal is told apart by everything
   * else.
   */
  static final Comparator<Component> COMPONENTS =
      Comparator.comparing((Component one) -> one.purl().orElse(""))
          .thenComparing(Component::name)
          .thenComparing(Component::version)
          .thenComparing(one -> first(one.locations()))
          .thenComparing(one -> one.ownedBy().orElse(""))
          .thenComparing(one -> new TreeMap<>(one.hashes()).toString())
          .thenComparing(one -> new TreeMap<>(one.properties()).toString());

  private Order() {}

  private static String first(List<Location> locations) {
    return locations.isEmpty() ? "" : locations.getFirst().toString();
  }
}
