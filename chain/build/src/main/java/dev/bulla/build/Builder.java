package dev.bulla.build;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Who builds, as the provenance names it (SLSA v1.0, {@code runDetails.builder}).
 *
 * @param id URI of the trusted platform
 * @param version component to version, at least {@code bulla}
 */
public record Builder(String id, SortedMap<String, String> version) {
  /** A build on somebody's own machine: nobody but its owner vouches for it. */
  public static final String LOCAL = "https://bulla.dev/builder/local";

  public Builder {
    version = new TreeMap<>(version);
  }

  public static Builder local(String bullaVersion) {
    return new Builder(LOCAL, new TreeMap<>(Map.of("bulla", bullaVersion)));
  }

  @Override
  public SortedMap<String, String> version() {
    return new TreeMap<>(version);
  }
}
