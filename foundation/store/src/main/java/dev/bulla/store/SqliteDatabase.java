package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** One file that one process writes, in WAL mode with every commit forced to the disk. */
record SqliteDatabase(Path file) implements Database {
  private static final int READERS = 4;
  private static final int BUSY_MILLIS = 5_000;
  private static final int WRITER_CACHE_KIB = 8 * 1024;
  private static final int READER_CACHE_KIB = 2 * 1024;
  private static final int PRIMARY = 0xff;

  @Override
  public String name() {
    return file.toString();
  }

  @Override
  public String folder() {
    return "sqlite";
  }

  @Override
  public boolean isShared() {
    return false;
  }

  @Override
  public DataSource writing() {
    return source(false);
  }

  @Override
  public DataSource reading() {
    return source(true);
  }

  @Override
  public Readers readers() {
    return new Connections(source(true), READERS, this);
  }

  @Override
  public String hasTable() {
    return "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?";
  }

  @Override
  public void begin(Handle writer) {
    writer.execute("BEGIN IMMEDIATE");
  }

  @Override
  public boolean isUndone(Handle writer) {
    return false; // a statement fails alone
  }

  @Override
  public void commit(Handle writer) {
    writer.execute("COMMIT");
  }

  @Override
  public void rollBack(Handle writer) {
    writer.execute("ROLLBACK");
  }

  @Override
  public boolean isAlive(Handle writer) {
    return true;
  }

  @Override
  public List<String> complaints(Handle reader) {
    List<String> said = reader.select("PRAGMA quick_check(10)").mapTo(String.class).list();
    return said.equals(List.of("ok")) ? List.of() : said;
  }

  @Override
  public BullaException commitFault(Throwable e) {
    return fault(e);
  }

  /** What a failing file means (SQLite "Result and Error Codes"). */
  @Override
  public Optional<BullaException> find(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLiteException sqlite) {
        return fault(sqlite.getResultCode(), e);
      }
      if (cause instanceof SQLException sql && sql.getErrorCode() != 0) {
        return fault(SQLiteErrorCode.getErrorCode(sql.getErrorCode()), e);
      }
    }
    return Optional.empty();
  }

  private Optional<BullaException> fault(SQLiteErrorCode code, Throwable e) {
    SQLiteErrorCode primary = SQLiteErrorCode.getErrorCode(code.code & PRIMARY);
    return switch (primary) {
      case SQLITE_FULL -> Optional.of(full(e));
      case SQLITE_IOERR ->
          Optional.of(
              DiskFaults.isFull(file)
                  ? full(e)
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

  private BullaException full(Throwable e) {
    return new BullaException(
        ErrorCode.DISK_FULL,
        "writing the database " + file + ": no space left on the device",
        "Free some space; nothing that was acknowledged is lost.",
        e);
  }

  private DataSource source(boolean readOnly) {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(readOnly);
    config.setBusyTimeout(BUSY_MILLIS);
    config.setCacheSize(-(readOnly ? READER_CACHE_KIB : WRITER_CACHE_KIB));
    config.enforceForeignKeys(true);
    config.setTempStore(SQLiteConfig.TempStore.MEMORY);
    if (!readOnly) {
      config.setJournalMode(SQLiteConfig.JournalMode.WAL);
      config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    }
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + file.toAbsolutePath());
    return source;
  }
}
