package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.Locale;

/** What a failing file system means for the user. */
final class DiskFaults {
  private static final long NEARLY_NOTHING = 1024 * 1024;

  private DiskFaults() {}

  /** The failure of {@code doing} on or below {@code place}. */
  static BullaException of(IOException e, Path place, String doing) {
    ErrorCode code = codeOf(e, place, ErrorCode.INTERNAL);
    String next =
        switch (code) {
          case DISK_FULL -> "Free some space; nothing that was acknowledged is lost.";
          case HOME_UNUSABLE ->
              "Make it writable for this user, or name another with --home or $BULLA_HOME.";
          default -> "";
        };
    return new BullaException(code, "%s: %s".formatted(doing, reason(e)), next, e);
  }

  static ErrorCode codeOf(IOException e, Path place, ErrorCode otherwise) {
    String reason = reason(e).toLowerCase(Locale.ROOT);
    if (reason.contains("no space left") || reason.contains("quota exceeded") || isFull(place)) {
      return ErrorCode.DISK_FULL;
    }
    boolean denied =
        e instanceof AccessDeniedException
            || reason.contains("read-only")
            || reason.contains("permission denied")
            || e.getCause() instanceof ReadOnlyFileSystemException;
    return denied ? ErrorCode.HOME_UNUSABLE : otherwise;
  }

  static String reason(IOException e) {
    if (e instanceof FileSystemException f) {
      String kind = f.getReason() != null ? f.getReason() : f.getClass().getSimpleName();
      return kind + " (" + f.getFile() + ")";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  /** The message of the system may be in any language; the free space is not. */
  static boolean isFull(Path place) {
    try {
      Path existing = place;
      while (existing != null && !Files.exists(existing)) {
        existing = existing.getParent();
      }
      return existing != null && Files.getFileStore(existing).getUsableSpace() < NEARLY_NOTHING;
    } catch (IOException e) {
      return false;
    }
  }
}
