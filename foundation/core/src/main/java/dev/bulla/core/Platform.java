package dev.bulla.core;

import java.util.Optional;

/**
 * Operating system and processor of an image, printed as {@code os/architecture[/variant]}.
 *
 * @param os as Go names it: {@code linux}
 * @param architecture as Go names it: {@code amd64}, {@code arm64}
 */
public record Platform(String os, String architecture, Optional<String> variant) {
  public Platform {
    if (os.isEmpty() || architecture.isEmpty()) {
      throw new BullaException(
          ErrorCode.FIELD_INVALID, "a platform needs an operating system and an architecture");
    }
  }

  public Platform(String os, String architecture) {
    this(os, architecture, Optional.empty());
  }

  /**
   * @throws BullaException {@link ErrorCode#FIELD_INVALID} if the text is not {@code
   *     os/architecture[/variant]}
   */
  public static Platform parse(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length == 2) {
      return new Platform(parts[0], parts[1]);
    }
    if (parts.length == 3) {
      return new Platform(parts[0], parts[1], Optional.of(parts[2]));
    }
    throw new BullaException(
        ErrorCode.FIELD_INVALID,
        "'" + Shown.text(text) + "' is not a platform: expected OS/ARCHITECTURE[/VARIANT]");
  }

  @Override
  public String toString() {
    return os + "/" + architecture + variant.map(v -> "/" + v).orElse("");
  }
}
