package dev.bulla.inventory;

import dev.bulla.core.Digest;
import java.util.List;
import java.util.Optional;

/**
 * What an image or a directory holds.
 *
 * @param subject digest of the image manifest; empty for a directory
 * @param name what people call the subject
 * @param distribution the operating system, if one was recognised
 * @param components sorted by purl, then name, version and first location
 * @param warnings what could not be read and where, in order of discovery; a warning never hides a
 *     component
 */
public record Inventory(
    Optional<Digest> subject,
    String name,
    Optional<Distribution> distribution,
    List<Component> components,
    List<String> warnings) {

  /**
   * From os-release.
   *
   * @param id {@code debian}, {@code alpine}, {@code almalinux}
   * @param versionId {@code 12}, {@code 3.20.3}, {@code 9.4}
   */
  public record Distribution(
      String id, String versionId, Optional<String> codename, String prettyName) {}

  public Inventory {
    components = List.copyOf(components);
    warnings = List.copyOf(warnings);
  }

  /** The same under another name. */
  public Inventory named(String other) {
    return new Inventory(subject, other, distribution, components, warnings);
  }
}
