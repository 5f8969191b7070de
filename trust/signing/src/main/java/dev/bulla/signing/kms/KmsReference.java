package dev.bulla.signing.kms;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A key behind a program, written {@code NAME://KEY}: the program {@code sigstore-kms-NAME} on PATH
 * knows what KEY means.
 */
public record KmsReference(String name, String key) {
  private static final Pattern FORM = Pattern.compile("([a-z][a-z0-9+.-]{0,63})://(.{0,4000})");
  private static final String PREFIX = "sigstore-kms-";

  /** Empty if {@code reference} is not of this form. */
  public static Optional<KmsReference> parse(String reference) {
    Matcher parts = FORM.matcher(reference);
    return parts.matches()
        ? Optional.of(new KmsReference(parts.group(1), parts.group(2)))
        : Optional.empty();
  }

  /**
   * The program, in the first absolute directory of a PATH that has it; a relative one would run
   * whatever lies where the user happens to be.
   *
   * @throws BullaException {@link ErrorCode#KEY_INVALID} if there is none
   */
  Path program(String searchPath) {
    for (String written : searchPath.split(":", -1)) {
      Path directory = Path.of(written);
      Path program = directory.resolve(PREFIX + name);
      if (directory.isAbsolute() && Files.isRegularFile(program) && Files.isExecutable(program)) {
        return program;
      }
    }
    throw new BullaException(
        ErrorCode.KEY_INVALID,
        "%s: no program '%s' in an absolute directory of PATH"
            .formatted(this, Shown.text(PREFIX + name)),
        "Install that plugin. Bulla speaks to key services through such programs only.");
  }

  @Override
  public String toString() {
    return Shown.text(name + "://" + key);
  }
}
