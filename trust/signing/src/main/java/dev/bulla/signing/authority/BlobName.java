package dev.bulla.signing.authority;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.util.regex.Pattern;

/**
 * As what a file is judged, such as {@code releases/app}: a word between the caller and the trust
 * policy. A file's own name is none, for whoever delivers a file has named it too and would choose
 * the scope.
 *
 * @param text components of letters, digits and {@code . _ + @ -}, separated by slashes; at most
 *     384 characters
 */
public record BlobName(String text) {
  private static final int MAX_LENGTH = 384;
  private static final Pattern FORM = Pattern.compile("[A-Za-z0-9._+@-]+(/[A-Za-z0-9._+@-]+)*");

  /**
   * @throws BullaException {@link ErrorCode#USAGE} if it has another form
   */
  public BlobName {
    if (text.length() > MAX_LENGTH || !FORM.matcher(text).matches()) {
      throw new BullaException(
          ErrorCode.USAGE,
          "'%s' names no scope of files: expected letters, digits, and . _ + @ - between slashes"
              .formatted(Shown.text(text)),
          "Give --scope NAME, such as releases/app.");
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
