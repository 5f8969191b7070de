package dev.bulla.signing.authority;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.util.Comparator;
import java.util.Optional;

/**
 * Which images a scope is for: {@code REGISTRY/REPOSITORY[:TAG]} with wildcards. {@code *} stands
 * for any characters of one component, {@code **} for any number of components; {@code **} alone
 * for every image. A pattern without a tag is for every tag and for images named by digest; one
 * with a tag only for images named by a tag.
 *
 * <p>Of two patterns that match an image the more specific one counts, compared by, in this order:
 * characters before the first wildcard of the name (a name without wildcards is longer than any
 * pattern that begins with it), characters of the name that are no wildcards, {@code *} before
 * {@code **}; then the same of the tag, where a tag is more specific than none. This order is
 * total; two patterns that are equal in it and share an image are ambiguous, and are refused in one
 * policy.
 *
 * @param text as written
 */
public record ImagePattern(String text, Glob name, Optional<Glob> tag)
    implements ScopePattern, Comparable<ImagePattern> {
  private static final int MAX_LENGTH = 384;
  static final Comparator<Glob> SPECIFIC =
      Comparator.<Glob>comparingInt(one -> one.prefix() + (one.isExact() ? 1 : 0))
          .thenComparingInt(Glob::literals)
          .thenComparing(one -> !one.crossesSlashes());
  private static final Comparator<ImagePattern> ORDER =
      Comparator.comparing(ImagePattern::name, SPECIFIC)
          .thenComparing(one -> one.tag.isPresent())
          .thenComparing(one -> one.tag.orElse(Glob.of("")), SPECIFIC);

  /**
   * @throws BullaException {@link ErrorCode#TRUST_POLICY_INVALID} saying how to write it
   */
  public static ImagePattern parse(String text) {
    if (text.isEmpty() || text.length() > MAX_LENGTH) {
      throw invalid(text, "is %d characters long, expected 1 to 384".formatted(text.length()));
    }
    if (text.indexOf('@') >= 0) {
      throw invalid(text, "names a digest; a scope is for names, whatever digest they stand for");
    }
    if (!text.matches("[A-Za-z0-9._:/*\\[\\]-]+")) {
      throw invalid(text, "has a character that no image name has");
    }
    int colon = text.lastIndexOf(':');
    boolean tagged = colon > text.lastIndexOf('/') && colon > 0;
    String name = tagged ? text.substring(0, colon) : text;
    if (!name.equals("**") && name.indexOf('/') < 0) {
      throw invalid(
          text,
          "names no registry and repository: write REGISTRY/REPOSITORY, or "
              + name
              + "/** for a whole registry");
    }
    return new ImagePattern(
        text,
        Glob.of(normal(text, name)),
        tagged ? Optional.of(Glob.of(tag(text, text.substring(colon + 1)))) : Optional.empty());
  }

  private static String normal(String text, String name) {
    String[] components = name.split("/", -1);
    for (String component : components) {
      if (component.isEmpty()) {
        throw invalid(text, "has an empty component");
      }
      if (component.contains("**") && !component.equals("**")) {
        throw invalid(text, "has ** inside a component: ** stands for whole components");
      }
    }
    String host = components[0];
    boolean isHost =
        host.contains(".") || host.contains(":") || host.contains("*") || host.equals("localhost");
    if (!isHost) {
      throw invalid(
          text, "does not begin with a registry: write it out, as in docker.io/library/nginx");
    }
    String path = name.substring(host.length());
    if (!path.equals(path.toLowerCase(java.util.Locale.ROOT))) {
      throw invalid(text, "has capital letters in the repository, which no repository has");
    }
    return ImageName.host(host) + path;
  }

  private static String tag(String text, String tag) {
    if (tag.isEmpty() || tag.contains("**") || tag.contains("[") || tag.contains("]")) {
      throw invalid(text, "has no tag after the colon, or one that no image has");
    }
    return tag;
  }

  public boolean matches(ImageName image) {
    return name.matches(image.name())
        && (tag.isEmpty() || image.tag().filter(tag.get()::matches).isPresent());
  }

  /** Whether it surely matches every image that {@code other} matches. */
  public boolean covers(ImagePattern other) {
    return name.covers(other.name)
        && (tag.isEmpty() || other.tag.filter(tag.get()::covers).isPresent());
  }

  /** Whether some image matches both. */
  public boolean overlaps(ImagePattern other) {
    return name.overlaps(other.name)
        && (tag.isEmpty() || other.tag.isEmpty() || tag.get().overlaps(other.tag.get()));
  }

  /** More specific is greater. Not consistent with equals. */
  @Override
  public int compareTo(ImagePattern other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return text;
  }

  private static BullaException invalid(String text, String why) {
    return new BullaException(
        ErrorCode.TRUST_POLICY_INVALID,
        "the image pattern '%s' %s".formatted(Shown.text(text), why));
  }
}
