package dev.bulla.signing.authority;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.util.Comparator;
import java.util.Optional;

/**
 * Which files a scope is for: a {@link BlobName} with the wildcards of {@link ImagePattern}. {@code
 * **} alone is for every name, and for files that are judged under no name. The more specific of
 * two patterns is found as for the names of images.
 *
 * @param text as written
 */
public record BlobPattern(String text, Glob name) implements ScopePattern, Comparable<BlobPattern> {
  private static final int MAX_LENGTH = 384;
  private static final String EVERY = "**";

  /**
   * @throws BullaException {@link ErrorCode#TRUST_POLICY_INVALID} saying how to write it
   */
  public static BlobPattern parse(String text) {
    if (text.length() > MAX_LENGTH || !text.matches("[A-Za-z0-9._+@*-]+(/[A-Za-z0-9._+@*-]+)*")) {
      throw invalid(
          text,
          "is no name of files: expected letters, digits, * and . _ + @ - between slashes, at most"
              + " 384");
    }
    for (String component : text.split("/", -1)) {
      if (component.contains(EVERY) && !component.equals(EVERY)) {
        throw invalid(text, "has ** inside a component: ** stands for whole components");
      }
    }
    return new BlobPattern(text, Glob.of(text));
  }

  /**
   * @param blob empty for a file that is judged under no name
   */
  public boolean matches(Optional<BlobName> blob) {
    return blob.map(one -> name.matches(one.text())).orElse(text.equals(EVERY));
  }

  /** Whether some name matches both. */
  boolean overlaps(BlobPattern other) {
    return name.overlaps(other.name);
  }

  /** More specific is greater. Not consistent with equals. */
  @Override
  public int compareTo(BlobPattern other) {
    return Comparator.comparing(BlobPattern::name, ImagePattern.SPECIFIC).compare(this, other);
  }

  @Override
  public String toString() {
    return text;
  }

  private static BullaException invalid(String text, String why) {
    return new BullaException(
        ErrorCode.TRUST_POLICY_INVALID,
        "the pattern of files '%s' %s".formatted(Shown.text(text), why));
  }
}
