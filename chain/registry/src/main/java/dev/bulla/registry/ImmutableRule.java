package dev.bulla.registry;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.time.Instant;

/**
 * Tags that, once they point at something, point at it for ever. Tags by which cosign finds
 * evidence are not meant: signatures are added to them.
 *
 * @param repositories {@code *} stands for any characters but a slash, {@code **} for any
 * @param tags {@code *} stands for any characters
 */
public record ImmutableRule(String repositories, String tags, String setBy, Instant since) {
  public ImmutableRule {
    NamePattern.checkRepositories(repositories);
    NamePattern.checkTags(tags);
  }

  /**
   * Reads {@code REPOSITORIES:TAGS}; without a colon, all tags are meant.
   *
   * @throws BullaException {@link ErrorCode#USAGE}
   */
  public static ImmutableRule parse(String text, String setBy, Instant since) {
    int colon = text.lastIndexOf(':');
    if (colon == 0 || colon == text.length() - 1) {
      throw new BullaException(
          ErrorCode.USAGE,
          "'%s' is not REPOSITORIES:TAGS".formatted(Shown.text(text)),
          "For example 'team/*:v*'.");
    }
    return colon < 0
        ? new ImmutableRule(text, "*", setBy, since)
        : new ImmutableRule(text.substring(0, colon), text.substring(colon + 1), setBy, since);
  }

  boolean matches(String repository, String tag) {
    return !EvidenceRule.isTag(tag)
        && NamePattern.matches(repositories, repository)
        && NamePattern.matches(tags, tag);
  }

  @Override
  public String toString() {
    return repositories + ":" + tags;
  }
}
