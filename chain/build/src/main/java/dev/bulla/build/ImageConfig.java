package dev.bulla.build;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How a container of the image starts (OCI image configuration, {@code config}). What is empty is
 * taken from the base image.
 *
 * @param entrypoint set here, it also drops the base image's {@code cmd}, which belonged to the old
 *     entrypoint
 * @param env added to the base image's, by name
 * @param exposedPorts {@code 8080/tcp}
 * @param labels added to the base image's
 */
public record ImageConfig(
    Optional<List<String>> entrypoint,
    Optional<List<String>> cmd,
    SortedMap<String, String> env,
    Optional<String> workingDir,
    Optional<String> user,
    List<String> exposedPorts,
    SortedMap<String, String> labels) {
  public static final ImageConfig EMPTY =
      new ImageConfig(
          Optional.empty(),
          Optional.empty(),
          new TreeMap<>(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          new TreeMap<>());

  public ImageConfig {
    entrypoint = entrypoint.map(List::copyOf);
    cmd = cmd.map(List::copyOf);
    env = Collections.unmodifiableSortedMap(new TreeMap<>(env));
    exposedPorts = exposedPorts.stream().sorted().distinct().toList();
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
  }
}
