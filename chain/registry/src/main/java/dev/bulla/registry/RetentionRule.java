package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import dev.bulla.core.json.Json;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which tags of which repositories may go. A tag that it names goes unless one of its reasons keeps
 * it; without a reason about tags it is about what no tag leads to alone.
 *
 * @param repositories pattern, {@code **} also for slashes
 * @param tags pattern
 * @param keepLast so many of the tags, those that were pushed or moved last
 * @param keepNewer tags that were pushed or moved within this time
 * @param keepPulled tags whose manifest was pulled within this time
 * @param untagged after this time manifests go that no tag leads to
 */
public record RetentionRule(
    String repositories,
    String tags,
    Optional<Long> keepLast,
    Optional<Duration> keepNewer,
    Optional<Duration> keepPulled,
    Optional<Duration> untagged) {

  public RetentionRule {
    NamePattern.checkRepositories(repositories);
    NamePattern.checkTags(tags);
    boolean negative =
        keepLast.filter(n -> n < 0).isPresent()
            || keepNewer.filter(Duration::isNegative).isPresent()
            || keepPulled.filter(Duration::isNegative).isPresent()
            || untagged.filter(Duration::isNegative).isPresent();
    boolean empty =
        keepLast.isEmpty() && keepNewer.isEmpty() && keepPulled.isEmpty() && untagged.isEmpty();
    if (negative || empty) {
      throw new BullaException(
          ErrorCode.USAGE,
          "the retention rule %s:%s says nothing to keep".formatted(repositories, tags),
          "Give --keep-last, --keep-newer, --keep-pulled or --untagged.");
    }
  }

  /**
   * Reads {@code REPOSITORIES[:TAGS]} into its two patterns.
   *
   * @throws BullaException {@link ErrorCode#USAGE}
   */
  public static String[] patterns(String text) {
    int colon = text.lastIndexOf(':');
    if (colon == 0 || colon == text.length() - 1) {
      throw new BullaException(
          ErrorCode.USAGE, "'%s' is not REPOSITORIES[:TAGS]".formatted(Shown.text(text)));
    }
    return colon < 0
        ? new String[] {text, "*"}
        : new String[] {text.substring(0, colon), text.substring(colon + 1)};
  }

  boolean aboutTags() {
    return keepLast.isPresent() || keepNewer.isPresent() || keepPulled.isPresent();
  }

  boolean appliesTo(String repository) {
    return NamePattern.matches(repositories, repository);
  }

  public ObjectNode toJson() {
    ObjectNode node = Json.object().put("repositories", repositories).put("tags", tags);
    keepLast.ifPresent(n -> node.put("keepLast", n));
    keepNewer.ifPresent(time -> node.put("keepNewerSeconds", time.toSeconds()));
    keepPulled.ifPresent(time -> node.put("keepPulledSeconds", time.toSeconds()));
    untagged.ifPresent(time -> node.put("untaggedSeconds", time.toSeconds()));
    return node;
  }
}
