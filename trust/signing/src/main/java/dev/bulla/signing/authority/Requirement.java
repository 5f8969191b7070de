package dev.bulla.signing.authority;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One demand of a scope: so many distinct authorities among these must have signed the image, or
 * have sealed a statement of a type about it.
 *
 * @param name for people, distinct in its scope
 * @param predicateType of the statement; empty for a signature of the image
 * @param threshold 1 to the number of authorities
 * @param authorities distinct names
 * @param annotations pairs that must have been signed with it
 * @param maximumAge of the signature or statement
 */
public record Requirement(
    String name,
    Optional<String> predicateType,
    int threshold,
    List<String> authorities,
    Map<String, String> annotations,
    Optional<Duration> maximumAge) {
  public Requirement {
    authorities = List.copyOf(authorities);
    annotations = Collections.unmodifiableMap(new TreeMap<>(annotations));
  }
}
