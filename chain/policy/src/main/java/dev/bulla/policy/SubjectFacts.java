package dev.bulla.policy;

import dev.bulla.core.Digest;
import java.util.List;
import java.util.Map;

/**
 * The image that is judged.
 *
 * @param refs references under which it is, or is to be, published; may be empty
 * @param user of the image's configuration, empty for the default (root)
 * @param labels of the image's configuration
 */
public record SubjectFacts(
    Digest digest, String mediaType, List<String> refs, String user, Map<String, String> labels) {
  public SubjectFacts {
    refs = List.copyOf(refs);
    labels = Map.copyOf(labels);
  }
}
