package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What a failing database means for the user (SQLite "Result and Error Codes"). */
final class SqlFaults {
  private static final int PRIMARY = 0xff;

  private SqlFaults() {}

  static BullaException of(Throwable e, Path file) {
    return find(e, file)
        .orElseGet(() ->
            new BullaException(
                ErrorCode.INTERNAL, "a statement on the database " + file + " failed", e));
  }

  /** The fault behind an exception, if SQLite reported one that is not the statement's own. */
  static Optional<BullaException> find(Throwable e, Path file) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLiteException sqlite) {
        return fault(sqlite.getResultCode(), e, file);
      }
      if (cause instanceof SQLException sql && sql.getErrorCode() != 0) {
        return fault(SQLiteErrorCode.getErrorCode(sql.getErrorCode()), e, file);
      }
    }
    return Optional.empty();
  }

  private static Optional<BullaException> fault(SQLiteErrorCode code, Throwable e, Path file) {
    SQLiteErrorCode primary = SQLiteErrorCode.getErrorCode(code.code & PRIMARY);
    return switch (primary) {
      case SQLITE_FULL -> Optional.of(full(e, file));
      case SQLITE_IOERR ->
          Optional.of(
              DiskFaults.isFull(file)
                  ? full(e, file)
                  : new BullaException(
                      ErrorCode.INTERNAL,
                      "the disk failed under the database " + file + ": " + code.message,
                      e));
      case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM ->
          Optional.of(
              new BullaException(
                  ErrorCode.HOME_UNUSABLE,
                  "the database %s cannot be written: %s".formatted(file, code.message),
                  "Make it writable for this user, or name another home with --home or"
                      + " $BULLA_HOME.",
                  e));
      case SQLITE_CORRUPT, SQLITE_NOTADB ->
          Optional.of(
              new BullaException(
                  ErrorCode.STORE_CORRUPT,
                  "the database %s is damaged: %s".formatted(file, code.message),
                  "Restore it from a backup; keep the damaged file until then.",
                  e));
      default -> Optional.empty();
    };
  }

  private static BullaException full(Throwable e, Path file) {
    return new BullaException(
        ErrorCode.DISK_FULL,
        "writing the database " + file + ": no space left on the device",
        "Free some space; nothing that was acknowledged is lost.",
        e);
  }
}
