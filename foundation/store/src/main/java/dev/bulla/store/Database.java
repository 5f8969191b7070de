package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;

/** What {@link Records} needs to know of the database that they lie in. */
sealed interface Database permits SqliteDatabase, PostgresDatabase {

  /** Names it in messages; never holds a secret. */
  String name();

  /** The folder of its migrations: {@code db/<module>/<folder>}. */
  String folder();

  /** Whether other processes may write to it meanwhile. */
  boolean isShared();

  /** Connections that may write, one at a time. */
  DataSource writing();

  /** Connections that look at the tables, opened for the moment. */
  DataSource reading();

  Readers readers();

  /** Selects one row if the current schema has a table of the name that is the parameter. */
  String hasTable();

  /** Begins a transaction that no other writer runs beside, in whatever process. */
  void begin(Handle writer);

  /** Whether a statement failed so that the transaction can only be undone, whoever hid it. */
  boolean isUndone(Handle writer);

  void commit(Handle writer);

  void rollBack(Handle writer);

  /** Whether a connection can be used again after a failure. */
  boolean isAlive(Handle writer);

  /** What is wrong with the database itself, as far as it can tell; in words. */
  List<String> complaints(Handle reader);

  /** The fault behind an exception, if the database reported one that is not the statement's. */
  Optional<BullaException> find(Throwable e);

  /** The same for a failure while committing, when it may be unknown what became of it. */
  BullaException commitFault(Throwable e);

  /** What a failure means for the user. */
  default BullaException fault(Throwable e) {
    if (e instanceof BullaException bulla) {
      return bulla;
    }
    return find(e)
        .orElseGet(() ->
            new BullaException(
                ErrorCode.INTERNAL, "a statement on the database " + name() + " failed", e));
  }
}
