package dev.bulla.inventory;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A package that was found, with the evidence for it.
 *
 * @param type purl type: {@code maven}, {@code npm}, {@code pypi}, {@code deb}, {@code apk}, {@code
 *     rpm}, {@code golang}, {@code cargo}
 * @param name as the ecosystem's advisories name it: {@code org.apache.logging.log4j:log4j-core},
 *     {@code @scope/name}, {@code openssl}
 * @param version as the ecosystem writes it; empty if the evidence has none
 * @param purl canonical package URL; empty for a component that has none (a jar of unknown origin)
 * @param licences SPDX identifiers or expressions, or what the package declares, in document order
 * @param sourceName of a distribution package: the source package that advisories speak of; else
 *     empty
 * @param sourceVersion version of the source package, if it differs; else empty
 * @param ownedBy purl of the distribution package that owns the evidence file; such a component is
 *     not matched by language feeds
 * @param locations at least one, sorted
 * @param hashes of the evidence file: {@code SHA-1}, {@code SHA-256} to lower-case hex
 * @param properties further facts by stable name
 */
public record Component(
    String type,
    String name,
    String version,
    Optional<String> purl,
    List<String> licences,
    Optional<String> sourceName,
    Optional<String> sourceVersion,
    Optional<String> ownedBy,
    List<Location> locations,
    Map<String, String> hashes,
    Map<String, String> properties) {
  public Component {
    licences = List.copyOf(licences);
    locations = List.copyOf(locations);
    hashes = Map.copyOf(hashes);
    properties = Map.copyOf(properties);
  }
}
