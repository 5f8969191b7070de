package dev.bulla.build.layer;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import dev.bulla.core.Shown;
import java.io.IOException;
import java.util.Locale;

/** What a failed read or write of a local file means. */
public final class IoFailure {
  private IoFailure() {}

  /**
   * @param attempt what was being done, on what: {@code writing layer 2 to /tmp/x}
   * @return {@link ErrorCode#DISK_FULL} if the system says so, else {@link
   *     ErrorCode#INPUT_UNAVAILABLE}
   */
  public static BullaException of(IOException e, String attempt) {
    String found = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    String lower = found.toLowerCase(Locale.ROOT);
    if (lower.contains("no space left")
        || lower.contains("not enough space")
        || lower.contains("quota exceeded")) {
      return new BullaException(
          ErrorCode.DISK_FULL,
          attempt + ": the disk is full (" + Shown.text(found) + ")",
          "Free some space, or point the home directory to a larger disk, and run it again.",
          e);
    }
    return new BullaException(ErrorCode.INPUT_UNAVAILABLE, attempt + ": " + Shown.text(found), e);
  }
}
