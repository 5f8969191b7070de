package dev.bulla.store;

import dev.bulla.core.BullaException;
import dev.bulla.core.ErrorCode;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * One database of a PostgreSQL server, which any number of processes write.
 *
 * <p><b>One writer at a time.</b> What is written relies on seeing everything that was written
 * before. So each group of works begins by taking an advisory lock of the schema that ends with its
 * transaction: the groups of all processes follow one another, and each sees all before it
 * (isolation READ COMMITTED, so that the snapshot of a statement is younger than the lock).
 * Sequences are drawn under the lock, so their order is the order of commits. PostgreSQL gives the
 * lock back only after the commit is visible.
 *
 * <p>The server ends the transactions of a process that stands still for a minute, and notices
 * within half a minute that a machine is gone, so that neither holds up the others for longer.
 */
record PostgresDatabase(PostgresUrl url) implements Database {
  private static final int READERS = 12;
  private static final int CONNECT_SECONDS = 10;
  private static final int ANSWER_SECONDS = 120;
  private static final int VALID_SECONDS = 5;

  /** The first of the two numbers of every advisory lock: "BULL". */
  private static final int LOCKS = 0x42554c4c;

  private static final String SESSION =
      "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
          + " -c idle_in_transaction_session_timeout=60000";

  /** {@code synchronous_commit} is raised to be durable, but never lowered. */
  private static final String DURABLE =
      """
      SELECT set_config('synchronous_commit', 'on', false)
       WHERE current_setting('synchronous_commit') IN ('off', 'local')\
      """;

  @Override
  public String name() {
    return url.toString();
  }

  @Override
  public String folder() {
    return "postgresql";
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public DataSource writing() {
    return source();
  }

  @Override
  public DataSource reading() {
    return source();
  }

  @Override
  public Readers readers() {
    return new PooledReaders(source(), READERS, this);
  }

  @Override
  public String hasTable() {
    return "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = ?";
  }

  @Override
  public void begin(Handle writer) {
    try {
      if (writer.getConnection().getAutoCommit()) {
        writer.select(DURABLE).mapTo(String.class).list();
        writer.getConnection().setAutoCommit(false);
      }
    } catch (SQLException e) {
      throw fault(e);
    }
    writer
        .select("SELECT 1 FROM pg_advisory_xact_lock(?, hashtext(current_schema()))", LOCKS)
        .mapTo(Integer.class)
        .one();
  }

  /** Committing such a transaction would roll it back without a word. */
  @Override
  public boolean isUndone(Handle writer) {
    try {
      return writer.getConnection().unwrap(BaseConnection.class).getTransactionState()
          == TransactionState.FAILED;
    } catch (SQLException e) {
      throw fault(e);
    }
  }

  @Override
  public void commit(Handle writer) {
    try {
      writer.getConnection().commit();
    } catch (SQLException e) {
      throw commitFault(e);
    }
  }

  @Override
  public void rollBack(Handle writer) {
    try {
      writer.getConnection().rollback();
    } catch (SQLException e) {
      throw fault(e);
    }
  }

  @Override
  public boolean isAlive(Handle writer) {
    try {
      return writer.getConnection().isValid(VALID_SECONDS);
    } catch (SQLException e) {
      return false;
    }
  }

  /** PostgreSQL checks its pages itself when they are read, if the cluster has checksums. */
  @Override
  public List<String> complaints(Handle reader) {
    return List.of();
  }

  @Override
  public BullaException commitFault(Throwable e) {
    BullaException fault = fault(e);
    return fault.code() == ErrorCode.RECORDS_UNAVAILABLE
        ? new BullaException(
            ErrorCode.RECORDS_UNAVAILABLE,
            fault.reason() + "; it was committing: whether the change was made is unknown",
            "Look whether it was made, or make it again.",
            e)
        : fault;
  }

  /** What a failing server means (PostgreSQL, appendix A "Error Codes"). */
  @Override
  public Optional<BullaException> find(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        return fault(sql.getSQLState(), sql, e);
      }
    }
    return e instanceof SQLTransientException || e.getCause() instanceof SQLTransientException
        ? Optional.of(unavailable("no connection in time", e))
        : Optional.empty();
  }

  private Optional<BullaException> fault(String state, SQLException said, Throwable e) {
    String text = String.valueOf(said.getMessage()).lines().findFirst().orElse(state);
    return switch (state) {
      case "53100" ->
          Optional.of(
              new BullaException(
                  ErrorCode.DISK_FULL,
                  "the database %s has no space left: %s".formatted(name(), text),
                  "Free some space; nothing that was acknowledged is lost.",
                  e));
      case "28000", "28P01", "3D000", "3F000", "42501" ->
          Optional.of(
              new BullaException(
                  ErrorCode.CONFIGURATION_INVALID,
                  "the database %s cannot be used: %s".formatted(name(), text),
                  "Check that it exists and belongs to the user of the URL, and that the password"
                      + " in passwordFile or ~/.pgpass is right.",
                  e));
      case "22021", "22P05" ->
          Optional.of(
              new BullaException(
                  ErrorCode.REQUEST_INVALID,
                  "a text has a character that the records cannot keep",
                  "Leave out the character NUL.",
                  e));
      case "XX001", "XX002" ->
          Optional.of(
              new BullaException(
                  ErrorCode.STORE_CORRUPT,
                  "the database %s is damaged: %s".formatted(name(), text),
                  "See the log of PostgreSQL; restore it from a backup.",
                  e));
      default -> isPassing(state) ? Optional.of(unavailable(text, e)) : Optional.empty();
    };
  }

  /** Connection lost, server stopping or starting, out of resources, standby, stood still. */
  private static boolean isPassing(String state) {
    return state.startsWith("08")
        || state.startsWith("57")
        || state.startsWith("53")
        || state.startsWith("40")
        || state.equals("25006")
        || state.equals("25P03")
        || state.equals("55P03");
  }

  private BullaException unavailable(String text, Throwable e) {
    return new BullaException(
        ErrorCode.RECORDS_UNAVAILABLE,
        "the database %s is not available: %s".formatted(name(), text),
        "Nothing that was acknowledged is lost; try again when it is back.",
        e);
  }

  private DataSource source() {
    PGSimpleDataSource source = new PGSimpleDataSource();
    url.configure(source);
    source.setOptions(SESSION);
    source.setConnectTimeout(CONNECT_SECONDS);
    source.setSocketTimeout(ANSWER_SECONDS);
    source.setTcpKeepAlive(true);
    source.setApplicationName("bulla");
    return source;
  }
}
