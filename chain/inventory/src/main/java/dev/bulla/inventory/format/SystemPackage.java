package dev.bulla.inventory.format;

import java.util.Map;

/**
 * A package of a distribution, as its database describes it.
 *
 * @param version with epoch, as the distribution writes it
 * @param source name of the source package; equal to {@code name} when the database names none
 * @param sourceVersion of the source package; equal to {@code version} when the database names none
 * @param licence as declared; empty if the database has none
 * @param properties further facts
 * @param files seeded hashes of the absolute paths without the leading slash, if the database
 *     itself lists files
 */
public record SystemPackage(
    String name,
    String version,
    String architecture,
    String source,
    String sourceVersion,
    String licence,
    Map<String, String> properties,
    long[] files) {

  public SystemPackage {
    properties = Map.copyOf(properties);
    files = files.clone();
  }
}
