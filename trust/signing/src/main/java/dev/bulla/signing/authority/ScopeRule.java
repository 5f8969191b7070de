package dev.bulla.signing.authority;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is demanded of some images and files.
 *
 * @param name distinct in its policy
 * @param images patterns of images, and {@code blobs} of files; at least one of both
 * @param requirements all must be met; empty exactly when the action is {@code REFUSE}, or {@code
 *     AUDIT} of images of which nothing is demanded
 * @param requireTimestamp whether a signature counts only if somebody other than the signer proves
 *     when it was made
 * @param requireLog whether a signature counts only with an entry of a transparency log
 * @param algorithms the only ones to accept, as {@code SignedBy.algorithmId} has them; empty for
 *     all that are not experimental
 * @param minimumRsaBits 0, or at least 2048
 */
public record ScopeRule(
    String name,
    List<ImagePattern> images,
    List<BlobPattern> blobs,
    Action action,
    List<Requirement> requirements,
    boolean requireTimestamp,
    boolean requireLog,
    Set<String> algorithms,
    int minimumRsaBits) {

  /** What follows when a demand is not met. */
  public enum Action {
    /** The image is refused. */
    ENFORCE,
    /** It is accepted, and the findings are noted. */
    AUDIT,
    /** Every image of the scope is refused, whatever its signatures. */
    REFUSE
  }

  public ScopeRule {
    images = List.copyOf(images);
    blobs = List.copyOf(blobs);
    requirements = List.copyOf(requirements);
    algorithms = Set.copyOf(algorithms);
  }

  /** The most specific of its patterns that matches. */
  public Optional<ImagePattern> pattern(ImageName image) {
    return images.stream().filter(one -> one.matches(image)).max(Comparator.naturalOrder());
  }

  /** As above, for a file that is judged under a name or under none. */
  public Optional<BlobPattern> pattern(Optional<BlobName> blob) {
    return blobs.stream().filter(one -> one.matches(blob)).max(Comparator.naturalOrder());
  }
}
